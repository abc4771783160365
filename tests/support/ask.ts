import type { Principal } from '../../services/shared/principal.ts';
import { isProblem, type Problem, problemBody } from '../../services/shared/problem.ts';
import type { Method, Route, RouteResponse } from '../../services/shared/route.ts';
import { validateBody, validateQuery } from '../../services/shared/validate.ts';
import { asDocumented } from './documented.ts';

export type Asking = {
  readonly body?: unknown;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly principal?: Principal;
};

// biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects
export type Answered = { readonly status: number; readonly body: any; readonly headers: Readonly<Record<string, string>> };

const administrator: Principal = { subject: 'usr_test', kind: 'user', scopes: ['admin'] };

/** Asks a service's routes as a door would: finds the route, validates, handles; a problem arrives as its JSON body. */
export const asking =
  (routes: readonly Route[]) =>
  async (method: Method, path: string, { body, query = {}, headers = {}, principal = administrator }: Asking = {}): Promise<Answered> => {
    const [route, params] = find(routes, method, path);
    const checkedQuery = route.query ? validateQuery(route.query, query) : { ok: true as const, value: undefined };
    if (!checkedQuery.ok) return answered(checkedQuery.problem);
    const checkedBody = route.body ? validateBody(route.body, body) : { ok: true as const, value: undefined };
    if (!checkedBody.ok) return answered(checkedBody.problem);
    const asked = { params, body: checkedBody.value, query: checkedQuery.value, headers, principal, idempotencyKey: undefined };
    return answered(asDocumented(route, await route.handle(asked)));
  };

function find(routes: readonly Route[], method: Method, path: string): [Route, Record<string, string>] {
  for (const route of routes) {
    const pattern = new RegExp(`^${route.path.replaceAll('.', '\\.').replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`);
    const match = route.method === method ? pattern.exec(path) : null;
    if (match) return [route, { ...match.groups }];
  }
  throw new Error(`there is no route ${method} ${path}`);
}

const answered = (answer: RouteResponse | Problem): Answered => {
  if (isProblem(answer)) return { status: answer.status, body: problemBody(answer, ''), headers: {} };
  const body = typeof answer.body === 'string' ? JSON.parse(answer.body) : answer.body;
  return { status: answer.status, body, headers: answer.headers ?? {} };
};
