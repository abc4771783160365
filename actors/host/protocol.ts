import type Router from '@koa/router';
import type { Context } from 'koa';
import type { Logger } from 'pino';
import { readBody } from '../../services/shared/body.ts';
import { isProblem } from '../../services/shared/problem.ts';
import { validateBody } from '../../services/shared/validate.ts';
import type { ActorResponse, ActorType, Caller } from './actor-type.ts';
import type { TurnQueue } from './one-turn-at-a-time.ts';
import { refuse } from './refusal.ts';
import type { ReminderPayload } from './reminders.ts';

type ActorContext = Context & { params: Record<string, string> };

/** Reports a turn: actor type, method or reminder, whether it succeeded, and milliseconds. */
export type ObserveTurn = (type: string, method: string, isDone: boolean, millis: number) => void;

export type ActorHostSettings = {
  readonly types: readonly ActorType[];
  readonly turns: TurnQueue;
  readonly log: Logger;
  readonly observe: ObserveTurn;
};

/** The response to `GET /dapr/config`, which daprd reads once, at its start. */
export const actorConfiguration = (types: readonly ActorType[]): Record<string, unknown> => ({
  entities: types.map(({ type }) => type),
  actorIdleTimeout: '10m',
  drainOngoingCallTimeout: '5s',
  drainRebalancedActors: true,
  reentrancy: { enabled: false },
});

/**
 * The application side of Dapr's actor protocol. Only exactly 200 means success to the sidecar: a
 * refusal is a 200 with `{ ok: false, rejection }`, and a thrown error a 500, which is tried again.
 */
export function mountActors(router: Router, settings: ActorHostSettings): void {
  const types = new Map(settings.types.map((type) => [type.type, type]));
  const typeOf = (context: ActorContext): ActorType | undefined => types.get(context.params.type ?? '');

  router.put('/actors/:type/:id/method/remind/:name', async (context: ActorContext) => {
    const type = typeOf(context);
    if (!type) return notHosted(context);
    const { id = '', name = '' } = context.params;
    const body = await readBody(context.req, 'json');
    await timed(settings, type.type, `remind-${name}`, () =>
      settings.turns(`${type.type}||${id}`, () => type.remind(id, name, payloadOf(body))),
    );
    context.body = {};
  });
  router.put('/actors/:type/:id/method/:method', async (context: ActorContext) => {
    const type = typeOf(context);
    if (!type) return notHosted(context);
    context.body = await callMethod(context, type, settings);
  });
  router.delete('/actors/:type/:id', (context: ActorContext) => {
    typeOf(context)?.forget(context.params.id ?? '');
    context.body = {};
  });
}

/** A 404 is final to the sidecar: this process does not host the actor type. */
const notHosted = (context: Context): void => {
  context.status = 404;
};

/**
 * Dapr puts the id into the path undecoded and the router decodes it, so `%73ub_1` would be a
 * second actor for `sub_1`. Only an id that no decoding changes is accepted; the path is read as it
 * was received.
 */
const isPlainId = ({ path }: Context): boolean => /^\/actors\/[^/]+\/[A-Za-z0-9_-]{1,200}\//.test(path);

async function callMethod(context: ActorContext, type: ActorType, settings: ActorHostSettings): Promise<ActorResponse> {
  const { id = '', method: name = '' } = context.params;
  if (!isPlainId(context)) return refuse('path-id-invalid', 'An actor id consists of letters, digits, - and _.');
  const method = Object.hasOwn(type.methods, name) ? type.methods[name] : undefined;
  if (!method) return refuse('method-not-found', `The actor type ${type.type} has no method ${name}.`);
  const read = await readBody(context.req, 'json');
  if (isProblem(read)) return refuse(read.code, read.detail);
  const body = validateBody(method.schema, (Array.isArray(read) ? read[0] : read) ?? {});
  if (!body.ok) {
    const first = body.problem.errors?.[0];
    return refuse('invalid-field', first?.message ?? body.problem.detail, first?.pointer);
  }
  const caller: Caller = {
    origin: context.get('marquee-origin') === 'event' ? 'event' : 'call',
    idempotencyKey: context.get('idempotency-key') || null,
  };
  return timed(settings, type.type, name, () => settings.turns(`${type.type}||${id}`, () => method.run(id, body.value, caller)));
}

async function timed<Value>({ observe }: ActorHostSettings, type: string, method: string, run: () => Promise<Value>): Promise<Value> {
  const started = performance.now();
  let isDone = false;
  try {
    const response = await run();
    isDone = true;
    return response;
  } finally {
    observe(type, method, isDone, performance.now() - started);
  }
}

/**
 * The payload that the reminder was armed with. An unreadable one counts as "nothing published",
 * which only repeats events.
 */
function payloadOf(body: unknown): ReminderPayload {
  const data = (body as { data?: unknown } | undefined)?.data;
  const { published, isGuard, due } = (data ?? {}) as { published?: unknown; isGuard?: unknown; due?: unknown };
  return {
    published: Number.isSafeInteger(published) ? (published as number) : 0,
    isGuard: isGuard === true,
    ...(typeof due === 'string' && { due }),
  };
}
