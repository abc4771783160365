import Router from '@koa/router';
import Koa, { type Context } from 'koa';
import type { Logger } from 'pino';
import type { Authenticate } from '../shared/authenticate.ts';
import { readBody } from '../shared/body.ts';
import { traceFrom, withTrace } from '../shared/context.ts';
import type { Idempotency } from '../shared/idempotency.ts';
import type { Principal } from '../shared/principal.ts';
import { isProblem, type Problem, problem, problemBody } from '../shared/problem.ts';
import type { Route, RouteResponse } from '../shared/route.ts';
import { validateBody, validateQuery } from '../shared/validate.ts';

export type DoorSettings = {
  readonly routes: readonly Route[];
  readonly authenticate: Authenticate;
  readonly idempotency: Idempotency;
  readonly log: Logger;
  readonly observe: (method: string, path: string, status: number, millis: number) => void;
};

/** The API for the outside: authenticates, validates, replays by Idempotency-Key, and answers every failure as a problem. */
export function createPublicDoor(settings: DoorSettings): Koa {
  const router = new Router();
  for (const route of settings.routes) {
    router[route.method](route.path, async (context: Context) => {
      context.state.route = route.path;
      send(context, await serve(context, route, settings));
    });
  }
  const app = new Koa();
  app.use((context, next) => guard(context, next, settings));
  app.use(router.routes());
  app.use((context) => {
    const known = router.match(context.path, context.method).path.length > 0;
    if (context.status === 404 && context.body == null && !context.state.answered)
      send(
        context,
        known
          ? problem(405, 'method-not-allowed', `${context.method} is not offered here.`)
          : problem(404, 'path-not-found', 'There is nothing at this path.'),
      );
  });
  app.on('error', (error: Error) => settings.log.warn({ reason: error.message }, 'a connection failed'));
  return app;
}

/** The outermost layer: trace and request id in and out, one place where what was thrown becomes a problem without internals. */
async function guard(context: Context, next: () => Promise<void>, { log, observe }: DoorSettings): Promise<void> {
  const started = performance.now();
  const trace = traceFrom(context.get('traceparent') || undefined);
  context.state.traceId = trace.traceId;
  context.set('x-request-id', /^[\w.-]{1,80}$/.test(context.get('x-request-id')) ? context.get('x-request-id') : trace.traceId);
  context.set('traceparent', trace.traceparent);
  await withTrace(trace, async () => {
    try {
      await next();
    } catch (error) {
      log.error({ err: error, path: context.state.route }, 'a request failed');
      send(
        context,
        away(error)
          ? { ...problem(503, 'not-available', 'A part of the platform is away; try again.'), retryAfterSeconds: 2 }
          : problem(500, 'internal-error', 'This is our fault. The trace id finds it in our logs.'),
      );
    }
    observe(context.method, String(context.state.route ?? 'unknown'), context.status, performance.now() - started);
  });
}

const away = (error: unknown): boolean =>
  /ECONNREFUSED|ECONNRESET|UND_ERR|MongoNetwork|MongoServerSelection|fetch failed|socket hang up|ERR_ACTOR/.test(
    `${(error as { code?: string }).code ?? ''} ${(error as Error).name} ${(error as Error).message}`,
  );

async function serve(
  context: Context,
  route: Route,
  { authenticate, idempotency }: DoorSettings,
): Promise<(RouteResponse | Problem) & { replayed?: boolean }> {
  const principal = await authenticate(context.get('authorization') || undefined, route.scope);
  if (isProblem(principal)) return principal;
  const query = route.query ? validateQuery(route.query, { ...context.query }) : { ok: true as const, value: undefined };
  if (!query.ok) return query.problem;
  const read = route.body ? await readBody(context.req, route.bodyFormat ?? 'json') : undefined;
  if (isProblem(read)) return read;
  const body = route.body ? validateBody(route.body, read) : { ok: true as const, value: undefined };
  if (!body.ok) return body.problem;
  const key = keyOf(context, principal);
  if (isProblem(key)) return key;
  const run = () =>
    route.handle({
      params: paramsOf(context),
      body: body.value,
      query: query.value,
      headers: context.headers,
      principal,
      idempotencyKey: key,
    });
  if (route.method !== 'post' || key === undefined || route.secretAnswer) return run();
  const { answer, replayed } = await idempotency.once(key, { path: context.path, body: body.value }, run);
  return { ...answer, replayed };
}

function keyOf(context: Context, { kind, subject }: Principal): string | undefined | Problem {
  const key = context.get('idempotency-key');
  if (key === '') return undefined;
  if (!/^[\x21-\x7e]{1,200}$/.test(key))
    return problem(400, 'idempotency-key-invalid', 'An Idempotency-Key has 1 to 200 visible ASCII characters.');
  return `${kind}:${subject}:${key}`;
}

const paramsOf = (context: Context): Record<string, string> => (context as unknown as { params: Record<string, string> }).params;

function send(context: Context, answer: (RouteResponse | Problem) & { replayed?: boolean }): void {
  context.state.answered = true;
  context.status = answer.status;
  if (answer.replayed) context.set('idempotency-replayed', 'true');
  if (isProblem(answer)) {
    if (answer.retryAfterSeconds !== undefined) context.set('retry-after', String(answer.retryAfterSeconds));
    if (answer.status === 401) context.set('www-authenticate', 'Bearer');
    context.type = 'application/problem+json';
    context.body = JSON.stringify(problemBody(answer, context.state.traceId));
    return;
  }
  for (const [name, value] of Object.entries(answer.headers ?? {})) context.set(name, value);
  if (answer.body === undefined) context.body = null;
  else context.body = answer.body;
  context.status = answer.status;
}
