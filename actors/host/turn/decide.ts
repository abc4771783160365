import { eventId } from '../../../services/shared/events.ts';
import { accept, type Result } from '../../../services/shared/result.ts';
import type { TurnResult } from '../aggregate.ts';
import { readEvents } from '../history.ts';
import { refuse } from '../refusal.ts';
import { keyOf } from './origin.ts';
import { intoQuarantine, quarantined, quarantineOf } from './quarantine.ts';
import type { Decision, Loaded, Turn } from './turn.ts';

/**
 * Second step: the events that the rules make of the command, folded into the next state. It writes
 * nothing but a quarantine, so a crash here leaves everything as it was and a repeat decides again.
 * A command whose effect is there already gives no events.
 */
export async function decide<State, Command, Event>(
  turn: Turn<State, Command, Event>,
  loaded: Loaded<State>,
  command: Command,
  onQuarantine: (id: string, violation: string) => void,
): Promise<Result<Decision<State, Event>>> {
  const { aggregate, id, origin, reminders } = turn;
  const before = loaded.snapshot.state ?? undefined;
  const decided = aggregate.decide(before, command, loaded.now);
  if (!decided.ok) {
    if (origin.by === 'reminder' && before === undefined) await reminders.remove(origin.name);
    return decided;
  }
  const events = decided.value;
  const after = events.reduce<State | undefined>(aggregate.evolve, before);
  if (after === undefined) return refuse('nothing-there', `There is no ${aggregate.type} ${id}.`);
  const violation = events.length > 0 ? aggregate.violation(before, after, events) : undefined;
  const { sequence } = loaded.snapshot;
  if (violation === undefined) return accept({ before, after, events, sequence: sequence + events.length, quarantine: null });
  const decision = intoQuarantine(turn, loaded, violation, command);
  if (decision) return accept(decision);
  await turn.state.write({ agg: { ...loaded.snapshot, quarantine: quarantineOf(origin, loaded.now, violation, command) } });
  onQuarantine(id, violation);
  return quarantined(violation);
}

/**
 * The response of a turn that has nothing to decide: its caller repeats an idempotency key and gets
 * the state as of the first answer. Undefined for every other turn.
 */
export async function respondWithoutDeciding<State, Command, Event>(
  turn: Turn<State, Command, Event>,
  { snapshot }: Loaded<State>,
): Promise<TurnResult<State> | undefined> {
  const request = keyOf(turn.origin);
  const first = request && snapshot.answered.find(({ key }) => key === request.key);
  if (first === undefined) return undefined;
  if (first.hash !== request?.hash)
    return refuse('idempotency-key-reused', 'This idempotency key was already used with a different request body.');
  const { sequence } = first;
  const state = sequence === snapshot.sequence && snapshot.state !== null ? snapshot.state : await stateAfter(turn, sequence);
  return { ok: true, state, clock: snapshot.clock, sequence, eventIds: [eventId(turn.id, sequence)] };
}

async function stateAfter<State, Command, Event>({ state, aggregate }: Turn<State, Command, Event>, sequence: number): Promise<State> {
  const history = await readEvents<Event>(state, 0, sequence);
  return history.reduce<State | undefined>(aggregate.evolve, undefined) as State;
}
