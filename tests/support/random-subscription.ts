import fc from 'fast-check';
import { decide } from '../../actors/subscription/rules/decide.ts';
import { fold } from '../../actors/subscription/rules/evolve.ts';
import type { Item, Subscription, SubscriptionCommand, SubscriptionEvent } from '../../actors/subscription/rules/subscription.ts';
import { nextWake } from '../../actors/subscription/rules/wake.ts';
import { type Instant, plusMillis } from '../../services/shared/time.ts';
import { type CommandChoice, choiceArbitrary, startArbitrary } from './random-commands.ts';
import { rarely } from './random-terms.ts';

const minute = 60_000;

/**
 * The advance of the clock before a command: usually to the next wake, sometimes just past it,
 * sometimes back.
 */
const moveArbitrary = fc.oneof(
  { weight: 6, arbitrary: fc.constant<'next wake'>('next wake') },
  { weight: 4, arbitrary: fc.constant(0) },
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 60 * 24 * 40 }) },
  { weight: 1, arbitrary: fc.integer({ min: -60 * 24 * 10, max: -1 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 60 * 24 * 300 }) },
);

export type RandomLife = {
  readonly start: SubscriptionCommand;
  readonly steps: readonly { readonly move: number | 'next wake'; readonly chosen: CommandChoice }[];
};

type Billing = 'advance' | 'arrears';

const billed = <Bought extends Item>(item: Bought, billing: Billing): Bought => ({ ...item, plan: { ...item.plan, billing } });

/** The same command with all its terms billed in this way. */
function buying(command: SubscriptionCommand, billing: Billing): SubscriptionCommand {
  if (!('terms' in command) || command.terms === null) return command;
  const { addOns, ...terms } = command.terms;
  return { ...command, terms: { ...billed(terms, billing), addOns: addOns.map((addOn) => billed(addOn, billing)) } };
}

/**
 * A life whose plans are all billed in one way, except a few that it can have only in a trial or
 * after an end.
 */
export const lifeBilled = (billing: Billing): fc.Arbitrary<RandomLife> =>
  fc
    .record({
      start: startArbitrary,
      steps: fc.array(fc.record({ move: moveArbitrary, chosen: choiceArbitrary, isOther: rarely(fc.boolean(), false) }), {
        minLength: 5,
        maxLength: 40,
      }),
    })
    .map(({ start, steps }) => ({
      start: buying(start, billing),
      steps: steps.map(({ move, chosen, isOther }) => {
        const other = billing === 'advance' ? 'arrears' : 'advance';
        return { move, chosen: (state: Subscription, now: Instant) => buying(chosen(state, now), isOther ? other : billing) };
      }),
    }));

export const lifeArbitrary: fc.Arbitrary<RandomLife> = fc.oneof(
  { weight: 2, arbitrary: lifeBilled('advance') },
  { weight: 1, arbitrary: lifeBilled('arrears') },
);

export type Turn = {
  readonly command: SubscriptionCommand;
  readonly now: Instant;
  readonly before: Subscription | undefined;
  readonly after: Subscription;
  readonly events: readonly SubscriptionEvent[];
};

/** The accepted turns of a life; rejected commands leave it unchanged. */
export function turnsOf({ start, steps }: RandomLife): Turn[] {
  let now: Instant = '2024-03-01T10:20:30.000Z';
  const turns: Turn[] = [];
  let state: Subscription | undefined;
  const take = (command: SubscriptionCommand) => {
    const decision = decide(state, command, now);
    if (!decision.ok) return;
    const after = (state ? fold(decision.value, state) : fold(decision.value)) as Subscription;
    turns.push({ command, now, before: state, after, events: decision.value });
    state = after;
  };
  take(start);
  for (const { move, chosen } of steps) {
    if (state === undefined) throw new Error('the start was refused');
    const next = nextWake(state)?.at ?? now;
    now = move === 'next wake' ? (next > now ? next : now) : plusMillis(now, move * minute);
    take(chosen(state, now));
  }
  return turns;
}
