import type Router from '@koa/router';
import type { Context } from 'koa';
import type { Logger } from 'pino';
import { readBody } from '../../services/shared/body.ts';
import { isProblem } from '../../services/shared/problem.ts';
import type { ProblemCode } from '../../services/shared/problems/index.ts';
import { reject } from '../../services/shared/result.ts';
import { validateBody } from '../../services/shared/validate.ts';
import type { ActorAnswer, ActorType, Caller } from './actor-type.ts';
import type { Turns } from './one-turn-at-a-time.ts';
import type { Fired } from './reminders.ts';

type ActorContext = Context & { params: Record<string, string> };

/** Tells what ran: actor type, method or reminder, whether it went well, and milliseconds. */
export type ObserveTurn = (type: string, method: string, done: boolean, millis: number) => void;

export type HostSettings = {
  readonly types: readonly ActorType[];
  readonly turns: Turns;
  readonly log: Logger;
  readonly observe: ObserveTurn;
};

/** What daprd asks for once, at its start, on `GET /dapr/config`. */
export const actorConfiguration = (types: readonly ActorType[]): Record<string, unknown> => ({
  entities: types.map(({ type }) => type),
  actorIdleTimeout: '10m',
  drainOngoingCallTimeout: '5s',
  drainRebalancedActors: true,
  reentrancy: { enabled: false },
});

/**
 * The application side of Dapr's actor protocol. Only exactly 200 means success to the sidecar; a business refusal is a 200 with
 * `{ ok: false, rejection }`, and a thrown error is a 500 that will be tried again.
 */
export function mountActors(router: Router, settings: HostSettings): void {
  const types = new Map(settings.types.map((type) => [type.type, type]));
  const typeOf = (context: ActorContext): ActorType | undefined => types.get(context.params.type ?? '');

  router.put('/actors/:type/:id/method/remind/:name', async (context: ActorContext) => {
    const type = typeOf(context);
    if (!type) return notHosted(context);
    const { id = '', name = '' } = context.params;
    const body = await readBody(context.req, 'json');
    await timed(settings, type.type, `remind-${name}`, () =>
      settings.turns(`${type.type}||${id}`, () => type.remind(id, name, firedBy(body))),
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

/** 404 is final to the sidecar: no such actor type lives here. */
const notHosted = (context: Context): void => {
  context.status = 404;
};

async function callMethod(context: ActorContext, type: ActorType, settings: HostSettings): Promise<ActorAnswer> {
  const { id = '', method: name = '' } = context.params;
  const method = Object.hasOwn(type.methods, name) ? type.methods[name] : undefined;
  if (!method) return refuse('method-not-found', `${type.type} has no method ${name}.`);
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

const refuse = (code: string, message: string, pointer?: string): ActorAnswer => reject(code as ProblemCode, message, pointer);

async function timed<Answer>({ observe }: HostSettings, type: string, method: string, run: () => Promise<Answer>): Promise<Answer> {
  const started = performance.now();
  let done = false;
  try {
    const answer = await run();
    done = true;
    return answer;
  } finally {
    observe(type, method, done, performance.now() - started);
  }
}

/** What the reminder was armed with. Nothing readable means "unknown", which only repeats events. */
function firedBy(body: unknown): Fired {
  const data = (body as { data?: unknown } | undefined)?.data;
  const { published, isGuard } = (data ?? {}) as { published?: unknown; isGuard?: unknown };
  return { published: Number.isSafeInteger(published) ? (published as number) : 0, isGuard: isGuard === true };
}
