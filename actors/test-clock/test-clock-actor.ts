import { z } from 'zod';
import { type MarqueeEvent, newEvent } from '../../services/shared/events.ts';
import type { Sidecar } from '../../services/shared/sidecar.ts';
import type { Instant } from '../../services/shared/time.ts';
import { actorState } from '../host/actor-state.ts';
import type { ActorResponse, ActorType, Caller } from '../host/actor-type.ts';
import type { Aggregate, Snapshot, TurnResult } from '../host/aggregate.ts';
import { originOf } from '../host/turn/origin.ts';
import { createTurnTaker } from '../host/turn/take-turn.ts';
import { instantSchema } from '../subscription/terms-schemas.ts';
import { decide, evolve, nextWake, resourceOf, type TestClock, type TestClockCommand, type TestClockEvent } from './test-clock.ts';

export const testClockActorType = 'TestClock';

const aggregate: Aggregate<TestClock, TestClockCommand, TestClockEvent> = {
  type: testClockActorType,
  reminders: ['walk'],
  decide,
  evolve,
  nextWake,
  awaitsOutcome: () => false,
  violation: () => undefined,
  toMarqueeEvent: (event, sequence, _before, after) =>
    newEvent({
      type: event.type,
      subject: after.id,
      sequence,
      time: event.at,
      customerId: after.id,
      testClock: null,
      data: { testClock: resourceOf(after) },
    }),
};

export type TestClockActorSettings = {
  readonly sidecar: Sidecar;
  readonly publish: (events: readonly MarqueeEvent[]) => Promise<void>;
  readonly now: () => Instant;
  readonly guardMillis: number;
};

/**
 * Holds a frozen time. The subscription service advances the subscriptions on the clock outside its
 * turns, as that takes long; the reminder of the clock requests it again until the clock has
 * arrived.
 */
export function testClockActor(settings: TestClockActorSettings): ActorType {
  const { takeTurn, forget } = createTurnTaker({ aggregate, ...settings, onQuarantine: () => undefined });
  const run = async (id: string, command: TestClockCommand, caller: Caller): Promise<ActorResponse> =>
    answerOf(await takeTurn(id, command, originOf(caller, command)));
  return {
    type: testClockActorType,
    forget,
    remind: async (id, name, fired) => {
      await takeTurn(id, { type: 'wake' }, { by: 'reminder', name, ...fired });
    },
    methods: {
      create: {
        schema: z.strictObject({ now: instantSchema }),
        run: (id, { now }, caller) => run(id, { type: 'create', id, now }, caller),
      },
      advance: { schema: z.strictObject({ to: instantSchema }), run: (id, { to }, caller) => run(id, { type: 'advance', to }, caller) },
      arrive: { schema: z.strictObject({ at: instantSchema }), run: (id, { at }, caller) => run(id, { type: 'arrive', at }, caller) },
      get: { schema: z.strictObject({}), run: (id) => get(settings.sidecar, id) },
    },
  };
}

const answerOf = (answer: TurnResult<TestClock>): ActorResponse => (answer.ok ? { ok: true, testClock: resourceOf(answer.state) } : answer);

async function get(sidecar: Sidecar, id: string): Promise<ActorResponse> {
  const snapshot = await actorState(sidecar, testClockActorType, id).read<Snapshot<TestClock>>('agg');
  if (snapshot?.state) return { ok: true, testClock: resourceOf(snapshot.state) };
  return { ok: false, rejection: { code: 'test-clock-not-found', message: `There is no test clock ${id}.` } };
}
