/** One field's complaint; `pointer` is a JSON pointer into the body, or `?name` for a query parameter. */
export type FieldProblem = { readonly pointer: string; readonly code: string; readonly message: string };

/** RFC 9457 problem details with our stable `code`. */
export type Problem = {
  readonly problem: true;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly FieldProblem[];
  readonly retryAfterSeconds?: number;
};

export const problem = (status: number, code: string, detail: string, errors?: readonly FieldProblem[]): Problem => ({
  problem: true,
  status,
  code,
  detail,
  ...(errors !== undefined && { errors }),
});

export const notFound = (noun: string, id: string): Problem => problem(404, `${noun}-not-found`, `There is no ${noun} ${id}.`);

/** Not now, but later: a dependency is away. */
export const unavailable = (code: string, detail: string, retryAfterSeconds = 2): Problem => ({
  ...problem(503, code, detail),
  retryAfterSeconds,
});

export const isProblem = (value: unknown): value is Problem =>
  typeof value === 'object' && value !== null && (value as Problem).problem === true;

const titles: Readonly<Record<number, string>> = {
  400: 'Unreadable request',
  401: 'Not authenticated',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Wrong state',
  410: 'No longer there',
  413: 'Too large',
  415: 'Unsupported media type',
  422: 'Invalid field',
  429: 'Too many requests',
  503: 'Not available now',
};

/** The JSON body of `application/problem+json`. No stack and no internals ever reach it. */
export const problemBody = ({ status, code, detail, errors }: Problem, traceId: string): Record<string, unknown> => ({
  type: `urn:marquee:problem:${code}`,
  title: titles[status] ?? 'Internal error',
  status,
  code,
  detail,
  ...(errors && { errors }),
  traceId,
});
