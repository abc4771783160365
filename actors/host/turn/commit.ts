import type { AnsweredCommand, Origin, Snapshot } from '../aggregate.ts';
import { keyOf } from './origin.ts';
import type { Decision, Loaded, Turn } from './turn.ts';

/** How many idempotency keys an actor remembers. */
const answersKept = 16;

/**
 * Third step: snapshot and event rows in one transaction, so a crash leaves all of them or none.
 * The idempotency key is part of it: a repeat after the commit finds the key and decides nothing.
 * A turn without events writes only where its test clock has moved, or a quarantine ends.
 */
export async function commit<State, Command, Event>(
  { state, origin, aggregate }: Turn<State, Command, Event>,
  { snapshot, clock, published }: Loaded<State>,
  { after, events, sequence, quarantine, refusal }: Decision<State, Event>,
): Promise<void> {
  const isHeld = quarantine !== null || snapshot.quarantine === null;
  if (events.length === 0 && isHeld && clock?.now === snapshot.clock?.now) return;
  const answered = refusal ? snapshot.answered : remember(snapshot.answered, origin, sequence);
  const requestedFrom = requestOf(aggregate, snapshot, after);
  const next: Snapshot<State> = {
    schemaVersion: 1,
    sequence,
    published,
    state: after,
    clock,
    answered,
    quarantine,
    ...(requestedFrom && { requestedFrom }),
  };
  await state.write({ agg: next, ...rowsOf(events, snapshot.sequence) });
}

/**
 * Where the request begins whose outcome the actor awaits after this turn. Other turns meanwhile do
 * not move it.
 */
function requestOf<State, Command, Event>(
  { nextWake, awaitsOutcome }: Turn<State, Command, Event>['aggregate'],
  { state, sequence, requestedFrom }: Snapshot<State>,
  after: State,
): Snapshot<State>['requestedFrom'] {
  const wake = nextWake(after);
  if (wake === undefined || !awaitsOutcome(wake)) return undefined;
  const former = state === null ? undefined : nextWake(state);
  const isSame = former !== undefined && awaitsOutcome(former) && former.at === wake.at;
  return isSame ? requestedFrom : { sequence, state };
}

const rowsOf = <Event>(events: readonly Event[], sequence: number): Record<string, Event> =>
  Object.fromEntries(events.map((event, index) => [`ev:${sequence + index + 1}`, event]));

const remember = (answered: readonly AnsweredCommand[], origin: Origin, sequence: number): readonly AnsweredCommand[] => {
  const request = keyOf(origin);
  return request === undefined ? answered : [...answered, { ...request, sequence }].slice(-answersKept);
};
