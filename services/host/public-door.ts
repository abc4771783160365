import Router from '@koa/router';
import Koa, { type Context } from 'koa';
import type { Logger } from 'pino';
import type { Authenticate } from '../shared/authenticate.ts';
import { traceFrom, withTrace } from '../shared/context.ts';
import type { Idempotency } from '../shared/idempotency.ts';
import { isProblem, type Problem, problem, problemBody, unavailable } from '../shared/problem.ts';
import type { Route, RouteResponse } from '../shared/route.ts';
import { isOutage } from './outage.ts';
import { hasLocation, readablePaths } from './reference/openapi.ts';
import { type Served, serveRoute } from './serve-route.ts';

export type DoorSettings = {
  readonly routes: readonly Route[];
  /** Where clients reach this door; problems link to its pages. */
  readonly publicUrl: string;
  readonly authenticate: Authenticate;
  readonly idempotency: Idempotency;
  readonly log: Logger;
  readonly observe: (method: string, path: string, status: number, millis: number) => void;
};

/**
 * The API for the outside: authenticates, validates, replays by Idempotency-Key, and answers every
 * failure as a problem.
 */
export function createPublicDoor(settings: DoorSettings): Koa {
  const router = new Router();
  const readable = readablePaths(settings.routes);
  for (const route of settings.routes) {
    const namesLocation = hasLocation(route, readable);
    router[route.method](route.path, async (context: Context) => {
      context.state.route = route.path;
      const served = await serveRoute(context, route, settings);
      if (namesLocation && served.status === 201) context.set('location', locationOf(context, served));
      send(context, served, settings);
    });
  }
  const app = new Koa();
  app.use((context, next) => guard(context, next, settings));
  app.use(router.routes());
  app.use((context) => {
    if (!context.state.responded) send(context, unmatched(context, router), settings);
  });
  app.on('error', (err: Error) => settings.log.warn({ err }, 'client connection failed'));
  return app;
}

const locationOf = ({ path }: Context, { body }: Served): string => `${path}/${(body as { id: string }).id}`;

/**
 * 405 with the methods that the path offers (RFC 9110, 15.5.6), or 404 where there is no such path.
 */
function unmatched({ path, method }: Context, router: Router): Problem {
  const layers = router.match(path, method).path;
  if (layers.length === 0) return problem(404, 'path-not-found', 'There is no resource at this path.');
  const allow = [...new Set(layers.flatMap(({ methods }) => methods))].sort().join(', ');
  return { ...problem(405, 'method-not-allowed', `The method ${method} is not offered here; ${allow} are.`), headers: { allow } };
}

/**
 * The outermost layer: trace and request id in and out, one place where what was thrown becomes a
 * problem without internals.
 */
async function guard(context: Context, next: () => Promise<void>, settings: DoorSettings): Promise<void> {
  const started = performance.now();
  const trace = traceFrom(context.get('traceparent') || undefined);
  context.state.traceId = trace.traceId;
  context.set('x-request-id', /^[\w.-]{1,80}$/.test(context.get('x-request-id')) ? context.get('x-request-id') : trace.traceId);
  context.set('traceparent', trace.traceparent);
  await withTrace(trace, async () => {
    try {
      await next();
    } catch (err) {
      send(context, problemOf(err, context, settings.log), settings);
    }
    settings.observe(context.method, String(context.state.route ?? 'unknown'), context.status, performance.now() - started);
  });
}

/**
 * A path that is not valid percent-encoding is the client's fault; an outage passes; all else is a
 * bug of ours.
 */
function problemOf(err: unknown, context: Context, log: Logger): Problem {
  if (err instanceof URIError || (err as { status?: unknown }).status === 400)
    return problem(404, 'path-id-invalid', 'The path is not valid percent-encoded UTF-8, so it names nothing.');
  log.error({ err, path: context.state.route }, 'request failed');
  return isOutage(err)
    ? unavailable('not-available', 'A required service is temporarily unavailable. Repeat the request later.')
    : problem(500, 'internal-error', 'An internal error occurred. The trace id finds it in the logs.');
}

function send(context: Context, served: RouteResponse | Problem | Served, { publicUrl }: DoorSettings): void {
  context.state.responded = true;
  context.status = served.status;
  if ('replayed' in served && served.replayed) context.set('idempotency-replayed', 'true');
  for (const [name, value] of Object.entries(served.headers ?? {})) context.set(name, value);
  if (isProblem(served)) {
    if (served.retryAfterSeconds !== undefined) context.set('retry-after', String(served.retryAfterSeconds));
    if (served.status === 401) context.set('www-authenticate', 'Bearer');
    context.type = 'application/problem+json';
    context.body = JSON.stringify(problemBody(served, context.state.traceId, publicUrl));
    return;
  }
  context.body = (served as RouteResponse).body ?? null;
  context.status = served.status;
}
