import type { MarqueeEvent } from '../../services/shared/events.ts';
import { isProblem, type Problem } from '../../services/shared/problem.ts';
import { reactsTo } from '../../services/shared/reaction.ts';
import type { RouteResponse } from '../../services/shared/route.ts';
import type { Service } from '../../services/shared/service.ts';
import { validateBody, validateQuery } from '../../services/shared/validate.ts';
import { asDocumented } from './documented.ts';

/**
 * Delivers events, in one batch, to every reaction of the service that handles their type. Returns
 * the ids of the events that were handled.
 */
export async function deliver(service: Service, ...events: readonly MarqueeEvent[]): Promise<readonly string[]> {
  const answers = service.reactions.map(async (reaction) => {
    const received = events.filter(({ type }) => reactsTo(reaction, type));
    return received.length === 0 ? [] : ((await reaction.handle(received)) ?? []);
  });
  return (await Promise.all(answers)).flat();
}

type Request = {
  readonly body?: unknown;
  readonly query?: object;
  readonly idempotencyKey?: string;
  readonly headers?: Readonly<Record<string, string>>;
};
type TestResponse = { readonly status: number; readonly body: Record<string, unknown>; readonly headers: RouteResponse['headers'] };

/**
 * Calls a route of the service by method and path like the public door: schemas first, then the
 * handler. A problem is returned as a body with its `code`.
 */
export async function request(
  service: Service,
  method: string,
  path: string,
  { body, query = {}, idempotencyKey, headers = {} }: Request = {},
): Promise<TestResponse> {
  for (const route of service.routes) {
    const params = matched(route.path, path);
    if (route.method !== method || params === undefined) continue;
    const checkedQuery = route.query ? validateQuery(route.query, query) : { ok: true as const, value: undefined };
    if (!checkedQuery.ok) return responseOf(checkedQuery.problem);
    const unchecked = { ok: true as const, value: route.bodyFormat === 'raw' ? body : undefined };
    const checkedBody = route.body ? validateBody(route.body, body) : unchecked;
    if (!checkedBody.ok) return responseOf(checkedBody.problem);
    const principal = { subject: 'usr_test', kind: 'user', scopes: ['admin'] } as const;
    const values = { params, body: checkedBody.value, query: checkedQuery.value, headers, principal, idempotencyKey };
    return responseOf(asDocumented(route, await route.handle(values)));
  }
  throw new Error(`${service.name} has no ${method} ${path}`);
}

function matched(pattern: string, path: string): Record<string, string> | undefined {
  const names = [...pattern.matchAll(/:(\w+)/g)].map(([, name]) => name as string);
  const found = new RegExp(`^${pattern.replaceAll(/:\w+/g, '([^/]+)')}$`).exec(path);
  return found ? Object.fromEntries(names.map((name, index) => [name, found[index + 1] as string])) : undefined;
}

const responseOf = (response: RouteResponse | Problem): TestResponse => {
  const body = isProblem(response) ? { code: response.code, detail: response.detail, errors: response.errors } : response.body;
  return { status: response.status, body: body as Record<string, unknown>, headers: isProblem(response) ? undefined : response.headers };
};
