/** A stable problem code, as clients read about it. */
export type ProblemDescription = {
  /** The HTTP statuses that carry the code; a field to blame makes it 422. */
  readonly statuses: readonly number[];
  /** At most 60 characters, no period; the `title` of the problem (RFC 9457). */
  readonly title: string;
  /** One or two complete sentences: when a client receives it. */
  readonly when: string;
  /** One or two complete sentences: what the client or its user can do. */
  readonly remedy: string;
};

export type ProblemTable = Readonly<Record<string, ProblemDescription>>;
