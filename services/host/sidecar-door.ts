import { timingSafeEqual } from 'node:crypto';
import Router from '@koa/router';
import Koa, { type Context } from 'koa';
import type { Logger } from 'pino';
import { readBody } from '../shared/body.ts';
import { traceFrom, withTrace } from '../shared/context.ts';
import { anonymous } from '../shared/principal.ts';
import { isProblem, problem, problemBody } from '../shared/problem.ts';
import type { Service } from '../shared/service.ts';
import { validateBody, validateQuery } from '../shared/validate.ts';
import type { Delivery } from './event-delivery.ts';
import { deadTopic, eventsTopic, pubsubName } from './publish.ts';

export type SidecarDoorSettings = {
  /** The token by which the sidecar identifies itself (`dapr-api-token`). */
  readonly token: string;
  readonly services: readonly Service[];
  readonly deliver: (envelopes: readonly unknown[]) => Promise<Delivery[]>;
  readonly keepDead: (envelope: unknown) => Promise<void>;
  /** Adds the actor protocol's routes, in a process that hosts actors. */
  readonly mountActors?: ((router: Router) => void) | undefined;
  readonly actorConfiguration: Readonly<Record<string, unknown>>;
  readonly log: Logger;
};

/**
 * The routes that only the sidecar may call: configuration, subscriptions, event deliveries, actor
 * turns, and internal routes of services.
 */
export function createSidecarDoor(settings: SidecarDoorSettings): Koa {
  const router = new Router();
  router.get('/dapr/config', (context) => {
    context.body = settings.actorConfiguration;
  });
  router.get('/dapr/subscribe', (context) => {
    context.body = settings.services.some(({ reactions }) => reactions.length > 0) ? subscriptions : [];
  });
  router.post('/events', async (context) => deliverEvents(context, settings));
  router.post('/events/dead', async (context) => {
    await settings.keepDead(await readBody(context.req, 'json', deliveryLimit));
    context.body = { status: 'SUCCESS' };
  });
  router.get('/healthz', (context) => {
    context.body = 'ok';
  });
  settings.mountActors?.(router);
  mountInternal(router, settings.services);

  const app = new Koa();
  app.use((context, next) => refuseStrangers(context, next, settings));
  app.use(router.routes());
  app.on('error', (err: Error) => settings.log.warn({ err }, 'sidecar connection failed'));
  return app;
}

const deliveryLimit = 16 * 1024 * 1024;

const subscriptions = [
  {
    pubsubname: pubsubName,
    topic: eventsTopic,
    routes: { default: '/events' },
    deadLetterTopic: deadTopic,
    bulkSubscribe: { enabled: true, maxMessagesCount: 50, maxAwaitDurationMs: 10 },
  },
  { pubsubname: pubsubName, topic: deadTopic, routes: { default: '/events/dead' } },
];

async function refuseStrangers(context: Context, next: () => Promise<void>, { token, log }: SidecarDoorSettings): Promise<void> {
  if (!sameText(context.get('dapr-api-token'), token)) {
    context.status = 401;
    context.type = 'application/problem+json';
    context.body = JSON.stringify(
      problemBody(problem(401, 'sidecar-token-invalid', 'Only the Dapr sidecar of this process may call this door.'), ''),
    );
    return;
  }
  const trace = traceFrom(context.get('traceparent') || undefined);
  await withTrace(trace, async () => {
    try {
      await next();
    } catch (error) {
      log.error({ err: error, path: context.path }, 'sidecar call failed');
      context.status = 500;
      context.body = { code: 'internal-error' };
    }
  });
}

/** Compares in constant time, whatever the lengths. */
function sameText(given: string, wanted: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(wanted)];
  return left.length === right.length ? timingSafeEqual(left, right) : !timingSafeEqual(right, right);
}

/** Handles a bulk delivery with a status per entry, or a single CloudEvent with one status. */
async function deliverEvents(context: Context, { deliver }: SidecarDoorSettings): Promise<void> {
  const body = (await readBody(context.req, 'json', deliveryLimit)) as { entries?: readonly { entryId: string; event: unknown }[] };
  if (isProblem(body)) {
    context.body = { status: 'DROP' };
    return;
  }
  if (!Array.isArray(body.entries)) {
    const [status] = await deliver([body]);
    context.body = { status };
    return;
  }
  const statuses = await deliver(body.entries.map(({ event }) => event));
  context.body = { statuses: body.entries.map(({ entryId }, index) => ({ entryId, status: statuses[index] })) };
}

function mountInternal(router: Router, services: readonly Service[]): void {
  for (const { name, internal = [] } of services) {
    for (const route of internal) {
      router[route.method](`/internal/${name}${route.path}`, async (context: Context & { params: Record<string, string> }) => {
        const read = route.body ? await readBody(context.req, 'json') : undefined;
        const body = route.body && !isProblem(read) ? validateBody(route.body, read) : undefined;
        const query = route.query ? validateQuery(route.query, { ...context.query }) : undefined;
        const refusal = isProblem(read) ? read : body && !body.ok ? body.problem : query && !query.ok ? query.problem : undefined;
        const answer =
          refusal ??
          (await route.handle({
            params: context.params,
            body: body?.ok ? body.value : undefined,
            query: query?.ok ? query.value : undefined,
            headers: context.headers,
            principal: anonymous,
            idempotencyKey: undefined,
          }));
        context.status = answer.status;
        context.body = isProblem(answer) ? problemBody(answer, '') : (answer.body ?? null);
        context.status = answer.status;
      });
    }
  }
}
