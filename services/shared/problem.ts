import { type ProblemCode, problems } from './problems/index.ts';

/**
 * The problem with one field. `pointer` is a JSON pointer into the body, or `?name` for a query
 * parameter. `code` is the problem's own, that of the violated rule of the schema, or the reason as
 * the payment gateway or the risk provider names it.
 */
export type FieldProblem = { readonly pointer: string; readonly code: string; readonly message: string };

/** RFC 9457 problem details with our stable `code`. */
export type Problem = {
  readonly problem: true;
  readonly status: number;
  readonly code: ProblemCode;
  readonly detail: string;
  readonly errors?: readonly FieldProblem[];
  readonly retryAfterSeconds?: number;
  /** Headers that belong to the response, such as `allow`. */
  readonly headers?: Readonly<Record<string, string>>;
};

/**
 * A problem of the API; `detail` is a complete sentence for people, without internals or personal
 * data.
 */
export const problem = (status: number, code: ProblemCode, detail: string, errors?: readonly FieldProblem[]): Problem => ({
  problem: true,
  status,
  code,
  detail,
  ...(errors !== undefined && { errors }),
});

type NotFoundNoun = ProblemCode extends infer Code ? (Code extends `${infer Noun}-not-found` ? Noun : never) : never;

/** 404: the path names something that does not exist. */
export const notFound = (noun: NotFoundNoun, id: string): Problem =>
  problem(404, `${noun}-not-found`, `There is no ${noun.replaceAll('-', ' ')} with the id ${id}.`);

/** 503: a dependency is unavailable now, and a repeat after `retryAfterSeconds` may succeed. */
export const unavailable = (code: ProblemCode, detail: string, retryAfterSeconds = 2): Problem => ({
  ...problem(503, code, detail),
  retryAfterSeconds,
});

export const isProblem = (value: unknown): value is Problem =>
  typeof value === 'object' && value !== null && (value as Problem).problem === true;

/**
 * The JSON body of `application/problem+json`. `type` is the page about the code under
 * `/docs/problems/`, relative where no `publicUrl` is given. No stack and no internals ever reach
 * it.
 */
export const problemBody = ({ status, code, detail, errors }: Problem, traceId: string, publicUrl = ''): Record<string, unknown> => ({
  type: `${publicUrl}/docs/problems/${code}`,
  title: problems[code].title,
  status,
  code,
  detail,
  ...(errors && { errors }),
  traceId,
});
