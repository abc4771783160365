import test from 'ava';
import fc from 'fast-check';
import { decide } from '../../../actors/subscription/rules/decide.ts';
import { evolve, fold } from '../../../actors/subscription/rules/evolve.ts';
import { differencesFromHistory, invoicesRequestedBy, runAhead, stateAsOf } from '../../../actors/subscription/rules/forecast.ts';
import type { Subscription, SubscriptionCommand, SubscriptionEvent } from '../../../actors/subscription/rules/subscription.ts';
import { nextDue } from '../../../actors/subscription/rules/wake.ts';
import { type Instant, later, plusMillis } from '../../../services/shared/time.ts';
import { lawRuns } from '../../support/law-runs.ts';
import { lifeArbitrary, type Turn, turnsOf } from '../../support/random-subscription.ts';
import { declined, paid } from '../../support/subscription-life.ts';

const day = 24 * 3_600_000;

/**
 * The later events: turn by turn, each wake when it is due, each payment with the outcome of
 * `answer`.
 */
function liveOn(
  from: Subscription,
  now: Instant,
  until: Instant,
  answer: (state: Subscription) => SubscriptionCommand,
): SubscriptionEvent[] {
  const events: SubscriptionEvent[] = [];
  let state = from;
  const turn = (command: SubscriptionCommand, at: Instant) => {
    const decision = decide(state, command, at);
    if (!decision.ok) throw new Error(`${command.type}: ${decision.rejection.code}`);
    for (const event of decision.value) {
      state = evolve(state, event);
      events.push(event);
    }
  };
  const pay = (at: Instant) => {
    while (state.endedAt === null && state.openInvoices.some(({ pending }) => pending)) turn(answer(state), at);
  };
  pay(now);
  for (let due = nextDue(state, until); due !== undefined && events.length < 5_000; due = nextDue(state, until)) {
    const at = later(due.at, state.updatedAt);
    turn({ type: 'wake' }, at);
    pay(at);
  }
  return events;
}

const everyEnd = (holds: (last: Turn, turns: readonly Turn[]) => void) =>
  fc.assert(
    fc.property(lifeArbitrary, (life) => {
      const turns = turnsOf(life);
      const last = turns.at(-1);
      if (last !== undefined) holds(last, turns);
    }),
    { numRuns: lawRuns(300) },
  );

const withMethod = (state: Subscription): Subscription => ({ ...state, hasPaymentMethod: true });

test('law: a forecast equals the later events, whether the gateway pays or declines', (t) => {
  everyEnd(({ after, now }) => {
    const state = withMethod(after);
    const until = plusMillis(now, 200 * day);
    for (const [assumed, answer] of [['ok', paid] as const, ['declined', declined()] as const]) {
      const foreseen = runAhead(state, now, until, [], assumed);
      const lived = liveOn(state, now, until, answer);
      if (foreseen.isCut || lived.length >= 5_000) return;
      const strip = (events: readonly SubscriptionEvent[]) =>
        JSON.stringify(events, (key, value) => (key === 'declineCode' ? null : value));
      if (strip(foreseen.happened.map(({ event }) => event)) !== strip(lived)) throw new Error(`${assumed}: another future`);
    }
  });
  t.pass();
});

test('law: a forecast does not change the subscription from which it starts', (t) => {
  everyEnd(({ after, now }) => {
    const before = JSON.stringify(after);
    runAhead(
      after,
      now,
      plusMillis(now, 100 * day),
      [{ at: now, command: { type: 'cancel', when: 'now', credit: 'none', refund: 'none', reason: null } }],
      'ok',
    );
    if (JSON.stringify(after) !== before) throw new Error('it was changed');
  });
  t.pass();
});

test('law: two consecutive forecasts equal one whole forecast', (t) => {
  everyEnd(({ after, now }) => {
    const half = plusMillis(now, 60 * day);
    const until = plusMillis(now, 120 * day);
    const whole = runAhead(after, now, until, [], 'ok');
    const first = runAhead(after, now, half, [], 'ok');
    const second = runAhead(first.state, half, until, [], 'ok');
    if (whole.isCut) return;
    const eventsOf = (future: typeof whole) => future.happened.map(({ event }) => JSON.stringify(event));
    if ([...eventsOf(first), ...eventsOf(second)].join() !== eventsOf(whole).join()) throw new Error('the halves differ');
  });
  t.pass();
});

test('law: the state as of an instant is the state that was there at that instant', (t) => {
  everyEnd((_, turns) => {
    const history = turns.flatMap(({ events }) => events);
    for (const { after } of turns) {
      const then = stateAsOf(history, after.updatedAt);
      const isLast = !history.slice(after.sequence).some(({ at }) => at === after.updatedAt);
      if (isLast && JSON.stringify(then) !== JSON.stringify(after)) throw new Error(`another state at ${after.updatedAt}`);
    }
  });
  t.pass();
});

test('law: a verification finds no difference in any life, and finds a changed amount', (t) => {
  let tampered = 0;
  everyEnd(({ after }, turns) => {
    const history = turns.flatMap(({ events }) => events);
    const complaints = differencesFromHistory(after, history);
    if (complaints.length > 0) throw new Error(complaints.join('; '));
    const [requested] = invoicesRequestedBy(history.slice(1), 1);
    if (requested === undefined) return;
    tampered += 1;
    const forged = JSON.parse(JSON.stringify(history)) as { invoice?: { lines: { amount: number }[] } }[];
    const line = forged[requested.sequence - 1]?.invoice?.lines[0];
    if (line) line.amount += 1;
    if (differencesFromHistory(after, forged as never).length === 0) throw new Error('a forged amount was not found');
  });
  t.true(tampered > 20);
});

test('law: the invoices of a history are those that its events request', (t) => {
  everyEnd((_, turns) => {
    const history = turns.flatMap(({ events }) => events);
    for (const { sequence, request } of invoicesRequestedBy(history, 0)) {
      const event = history[sequence - 1];
      if (!event || !('invoice' in event) || event.invoice !== request) throw new Error(`not ${sequence}`);
    }
    fold(history);
  });
  t.pass();
});
