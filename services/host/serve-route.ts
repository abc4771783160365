import type { Context } from 'koa';
import type { Authenticate } from '../shared/authenticate.ts';
import { readBody } from '../shared/body.ts';
import { etagOf } from '../shared/etag.ts';
import type { Idempotency } from '../shared/idempotency.ts';
import type { Principal } from '../shared/principal.ts';
import { isProblem, type Problem, problem } from '../shared/problem.ts';
import type { Route, RouteResponse } from '../shared/route.ts';
import { validateBody, validateQuery } from '../shared/validate.ts';
import { openCursor, sealCursor } from './cursor-seal.ts';
import { checkPathParameters } from './path-parameters.ts';

export type Served = (RouteResponse | Problem) & { readonly replayed?: boolean; readonly body?: unknown };

type Services = { readonly authenticate: Authenticate; readonly idempotency: Idempotency };

/**
 * One request to a route: authenticated, validated, run once per Idempotency-Key, and its list
 * cursors sealed.
 */
export async function serveRoute(context: Context, route: Route, { authenticate, idempotency }: Services): Promise<Served> {
  const principal = await authenticate(context.get('authorization') || undefined, route.scope);
  if (isProblem(principal)) return principal;
  const params = (context as unknown as { params: Record<string, string> }).params;
  const misplaced = checkPathParameters(route, params);
  if (misplaced) return misplaced;
  const query = readQuery(context, route);
  if (isProblem(query)) return query;
  const body = await readRouteBody(context, route);
  if (isProblem(body)) return body;
  const idempotencyKey = route.secretAnswer ? undefined : keyOf(context, principal);
  if (isProblem(idempotencyKey)) return idempotencyKey;
  const run = async () =>
    finish(
      context,
      route,
      await route.handle({ params, body: body.value, query: query.value, headers: context.headers, principal, idempotencyKey }),
    );
  if (route.method !== 'post' || idempotencyKey === undefined) return run();
  const { answer, replayed } = await idempotency.once(idempotencyKey, { path: context.path, body: body.value }, run);
  return { ...answer, replayed };
}

/** The query in its schema's shape, with the list's own cursor in place of the sealed one. */
function readQuery(context: Context, { query: schema }: Route): { readonly value: unknown } | Problem {
  if (!schema) return { value: undefined };
  const given = { ...context.query };
  if (typeof given.cursor === 'string') {
    const inner = openCursor(given.cursor, context.path, context.query);
    if (inner === undefined)
      return problem(422, 'cursor-invalid', 'The cursor is damaged or belongs to another list or to other filters.', [
        { pointer: '?cursor', code: 'cursor-invalid', message: 'Must be the nextCursor of a page of this list with the same filters.' },
      ]);
    given.cursor = inner;
  }
  const query = validateQuery(schema, given);
  return query.ok ? { value: query.value } : query.problem;
}

async function readRouteBody(
  { req }: Context,
  { body: schema, bodyFormat = 'json' }: Route,
): Promise<{ readonly value: unknown } | Problem> {
  if (!schema) return { value: undefined };
  const read = await readBody(req, bodyFormat);
  if (isProblem(read)) return read;
  const body = validateBody(schema, read);
  return body.ok ? { value: body.value } : body.problem;
}

/** The key is made unique per principal, so that no one can see or block what another one did. */
function keyOf(context: Context, { kind, subject }: Principal): string | undefined | Problem {
  const key = context.headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,200}$/.test(key))
    return problem(400, 'idempotency-key-invalid', 'An Idempotency-Key must have 1 to 200 visible ASCII characters.');
  return `${kind}:${subject}:${key}`;
}

/** Seals the cursor of the next page, and tags what editors read. */
function finish(context: Context, route: Route, response: RouteResponse | Problem): RouteResponse | Problem {
  if (isProblem(response)) return response;
  const { body, headers } = response;
  const next = (body as { nextCursor?: unknown } | undefined)?.nextCursor;
  const isSealed = route.method === 'get' && typeof next === 'string';
  return {
    ...response,
    ...(isSealed && { body: { ...(body as object), nextCursor: sealCursor(next, context.path, context.query) } }),
    ...(route.etag && response.status === 200 && { headers: { etag: etagOf(body), ...headers } }),
  };
}
