import type { z } from 'zod';
import type { BodyFormat } from './body.ts';
import type { Principal } from './principal.ts';
import { type Problem, problem } from './problem.ts';
import type { ProblemCode } from './problems/index.ts';
import type { Rejection } from './result.ts';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/**
 * The scope that a route requires: `<noun>:read` or `<noun>:write`; `public` needs no token.
 * `admin` holds every scope.
 */
export type Scope = 'public' | `${string}:${'read' | 'write'}`;

export type RouteRequest<Body, Query> = {
  readonly params: Readonly<Record<string, string>>;
  readonly body: Body;
  readonly query: Query;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly principal: Principal;
  /**
   * From the `Idempotency-Key` header, made unique per principal; the actor recognises a repeat by
   * it.
   */
  readonly idempotencyKey: string | undefined;
};

export type RouteResponse = {
  readonly status: number;
  /** An object is sent as JSON; a text or bytes under the `content-type` of `headers`. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};

/**
 * The body of a success response: JSON by a schema, nothing, or other media types (`binary` for
 * bytes).
 */
export type ResponseBody = z.ZodType | 'empty' | { readonly media: Readonly<Record<string, z.ZodType | 'text' | 'binary'>> };

/**
 * A public or internal route as data: the same schemas validate, and generate the OpenAPI document.
 */
export type Route<Body = unknown, Query = unknown> = {
  readonly method: Method;
  /** Koa router path, for example `/v1/customers/:id`. */
  readonly path: string;
  readonly scope: Scope;
  /** Name of the operation in generated clients, for example `listCustomers`. It never changes. */
  readonly operationId?: string;
  /** Imperative, at most 50 characters, no period: `List customers`. */
  readonly summary: string;
  /** Complete sentences: what happens, units, and what a repeat does. */
  readonly description?: string;
  readonly body?: z.ZodType<Body>;
  /**
   * `json` by default; `form` for OAuth 2; `form-or-json` where pages and apps both send; `raw`
   * passes the body on as a Buffer (webhook signatures).
   */
  readonly bodyFormat?: BodyFormat;
  readonly query?: z.ZodType<Query>;
  /** Schemas of path parameters; one that has none is an id of letters, digits, `-` and `_`. */
  readonly params?: Readonly<Record<string, z.ZodType<string>>>;
  /** The success responses by status. */
  readonly responses?: Readonly<Record<number, ResponseBody>>;
  /** Codes that this operation can respond with, in addition to those of every operation. */
  readonly problems?: readonly ProblemCode[];
  /** Set where browsers receive these problems as HTML pages. */
  readonly problemPages?: boolean;
  /**
   * Set where a GET returns an `ETag`, and where a write honours `If-Match` with a compare-and-set.
   */
  readonly etag?: boolean;
  readonly ifMatch?: boolean;
  /** Set where a POST only reads, so that a proxy may repeat it. */
  readonly readsOnly?: boolean;
  /** Set where the response holds a secret: then no replay by Idempotency-Key is stored. */
  readonly secretAnswer?: boolean;
  readonly handle: (request: RouteRequest<Body, Query>) => Promise<RouteResponse | Problem>;
};

/** Keeps a route's body and query types together while the list of routes forgets them. */
export const route = <Body = undefined, Query = undefined>(definition: Route<Body, Query>): Route => definition as unknown as Route;

export const ok = (body: unknown): RouteResponse => ({ status: 200, body });
export const created = (body: unknown): RouteResponse => ({ status: 201, body });
export const accepted = (body: unknown): RouteResponse => ({ status: 202, body });
export const noContent = (): RouteResponse => ({ status: 204 });

/**
 * A business refusal as a problem: 422 where a field is to blame, 404 for `...-not-found`, else
 * 409.
 */
export function refused({ code, message, pointer }: Rejection): Problem {
  if (pointer === undefined) return problem(code.endsWith('-not-found') ? 404 : 409, code, message);
  return problem(422, code, message, [{ pointer, code, message }]);
}
