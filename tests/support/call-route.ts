import type { Principal } from '../../services/shared/principal.ts';
import { isProblem, type Problem, problemBody } from '../../services/shared/problem.ts';
import type { Method, Route, RouteResponse } from '../../services/shared/route.ts';
import { validateBody, validateQuery } from '../../services/shared/validate.ts';
import { asDocumented } from './documented.ts';

export type RouteCall = {
  readonly body?: unknown;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly principal?: Principal;
};

// biome-ignore lint/suspicious/noExplicitAny: a test reads the fields that it expects
export type RouteResult = { readonly status: number; readonly body: any; readonly headers: Readonly<Record<string, string>> };

const administrator: Principal = { subject: 'usr_test', kind: 'user', scopes: ['admin'] };

/**
 * Calls a service's routes as the public API does: finds the route, validates and handles. A
 * problem is returned as its JSON body.
 */
export const callRoutes =
  (routes: readonly Route[]) =>
  async (
    method: Method,
    path: string,
    { body, query = {}, headers = {}, principal = administrator }: RouteCall = {},
  ): Promise<RouteResult> => {
    const [route, params] = find(routes, method, path);
    const checkedQuery = route.query ? validateQuery(route.query, query) : { ok: true as const, value: undefined };
    if (!checkedQuery.ok) return resultOf(checkedQuery.problem);
    const checkedBody = route.body ? validateBody(route.body, body) : { ok: true as const, value: undefined };
    if (!checkedBody.ok) return resultOf(checkedBody.problem);
    const call = { params, body: checkedBody.value, query: checkedQuery.value, headers, principal, idempotencyKey: undefined };
    return resultOf(asDocumented(route, await route.handle(call)));
  };

function find(routes: readonly Route[], method: Method, path: string): [Route, Record<string, string>] {
  for (const route of routes) {
    const pattern = new RegExp(`^${route.path.replaceAll('.', '\\.').replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`);
    const match = route.method === method ? pattern.exec(path) : null;
    if (match) return [route, { ...match.groups }];
  }
  throw new Error(`There is no route ${method} ${path}.`);
}

const resultOf = (response: RouteResponse | Problem): RouteResult => {
  if (isProblem(response)) return { status: response.status, body: problemBody(response, ''), headers: {} };
  const body = typeof response.body === 'string' ? JSON.parse(response.body) : response.body;
  return { status: response.status, body, headers: response.headers ?? {} };
};
