import { equal } from '../../../services/shared/equal.ts';
import { accept, type Result } from '../../../services/shared/result.ts';
import type { Instant } from '../../../services/shared/time.ts';
import type { Origin, Quarantine } from '../aggregate.ts';
import { type Refusal, refuse } from '../refusal.ts';
import type { Decision, Loaded, Turn } from './turn.ts';

export const quarantined = (violation: string): Refusal =>
  refuse('quarantined', `An operator must resolve a broken rule before anything can change: ${violation}`);

/**
 * The decision in place of the events that would break an invariant: it stores the whole story for
 * an operator, and is published. Undefined where the type has no such event, or the actor has not
 * begun.
 */
export function intoQuarantine<State, Command, Event>(
  { aggregate, origin }: Turn<State, Command, Event>,
  { snapshot, now }: Loaded<State>,
  violation: string,
  command: Command,
): Decision<State, Event> | undefined {
  const before = snapshot.state ?? undefined;
  if (before === undefined || aggregate.quarantineEvents === undefined) return undefined;
  const event = aggregate.quarantineEvents.quarantined(before, violation, now);
  return {
    ...{ before, after: aggregate.evolve(before, event), events: [event], sequence: snapshot.sequence + 1 },
    quarantine: quarantineOf(origin, now, violation, command),
    refusal: quarantined(violation),
  };
}

export const quarantineOf = (origin: Origin, at: Instant, violation: string, command: unknown): Quarantine => ({
  ...{ at, violation, command },
  ...(origin.by === 'event' && { kept: [command] }),
});

/**
 * A turn of an actor in quarantine. The command of an event is kept, for its sender believes it
 * delivered. A reminder only completes what the turn of the quarantine left undone. Undefined where
 * the command is simply refused.
 */
export async function turnInQuarantine<State, Command, Event>(
  { state, aggregate, origin }: Turn<State, Command, Event>,
  { snapshot }: Loaded<State>,
  quarantine: Quarantine,
  command: Command,
): Promise<Decision<State, Event> | undefined> {
  const { kept = [] } = quarantine;
  if (origin.by === 'event' && !kept.some((each) => equal(each, command)))
    await state.write({ agg: { ...snapshot, quarantine: { ...quarantine, kept: [...kept, command] } } });
  if (origin.by !== 'reminder' || snapshot.state === null || aggregate.quarantineEvents === undefined) return undefined;
  return { ...unchanged(snapshot.state, snapshot.sequence), quarantine, refusal: quarantined(quarantine.violation) };
}

const unchanged = <State>(state: State, sequence: number) => ({ before: state, after: state, events: [], sequence, quarantine: null });

/**
 * The decision that releases an actor. The command that broke an invariant is tried again by the
 * rules of today, unless it is dropped, and where it breaks one still, the actor stays in
 * quarantine. Then the kept commands take effect in order; one that the rules refuse is left out,
 * as it would have been. A caller was refused and knows it, so its command is only tried.
 */
export function release<State, Command, Event>(
  { aggregate, id }: Turn<State, Command, Event>,
  { snapshot, now }: Loaded<State>,
  { dropCommand }: { readonly dropCommand: boolean },
): Result<Decision<State, Event>> {
  const { quarantine, state: before, sequence } = snapshot;
  if (before === null) return refuse('nothing-there', `There is no ${aggregate.type} ${id}.`);
  if (quarantine === null) return accept(unchanged(before, sequence));
  // The actor stores only commands of its own type.
  const offending = quarantine.command as Command;
  const kept = (quarantine.kept ?? []) as readonly Command[];
  const tried = dropCommand ? accept({ state: before, events: [] }) : applied(aggregate, before, offending, now);
  if (!tried.ok) return tried;
  let state: State = before;
  const events: Event[] = [];
  for (const command of kept.filter((each) => !dropCommand || !equal(each, offending))) {
    const next = applied(aggregate, state, command, now);
    if (!next.ok) return next;
    events.push(...next.value.events);
    state = next.value.state;
  }
  const released = aggregate.quarantineEvents?.released(state, now);
  const all = released === undefined ? events : [...events, released];
  const after = released === undefined ? state : aggregate.evolve(state, released);
  return accept({ before, after, events: all, sequence: sequence + all.length, quarantine: null });
}

/**
 * The state after a command, and its events: none where the rules refuse it. Refused where they
 * would break an invariant.
 */
function applied<State, Command, Event>(
  { decide, evolve, violation }: Turn<State, Command, Event>['aggregate'],
  before: State,
  command: Command,
  now: Instant,
): Result<{ readonly state: State; readonly events: readonly Event[] }> {
  const decided = decide(before, command, now);
  if (!decided.ok || decided.value.length === 0) return accept({ state: before, events: [] });
  const after = decided.value.reduce<State>((state, event) => evolve(state, event), before);
  const broken = violation(before, after, decided.value);
  return broken === undefined ? accept({ state: after, events: decided.value }) : quarantined(broken);
}
