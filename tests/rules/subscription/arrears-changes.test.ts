import test from 'ava';
import {
  basic,
  change,
  given,
  inArrears,
  liveThrough,
  paid,
  pause,
  premium,
  resume,
  type Step,
  start,
  utc,
  wake,
} from '../../support/subscription-life.ts';
import { decision, linesOf } from '../../support/subscription-table.ts';

const used = inArrears(basic);

const active: Step[] = [[start({ terms: used }), '2026-03-01']];

test('an immediate change bills the used time on the old terms, and the end of the period bills the rest on the new ones', (t) => {
  const changed = given(...active).when(change(inArrears(premium)), '2026-03-11');
  changed.happens(t, 'changed');
  t.deepEqual(linesOf(changed), ['recurring 1000 2026-03-01..2026-03-11']);
  const end = given(...active, [change(inArrears(premium)), '2026-03-11'], [paid, '2026-03-11']).when(wake, '2026-04-01');
  t.deepEqual(linesOf(end), ['recurring 4200 2026-03-11..2026-04-01']);
  t.is(end.invoices[0]?.invoiceId, 'inv_sub_1_1');
});

test('a change at the end of the period bills nothing in between', (t) => {
  const { happened } = liveThrough([...active, [change(inArrears(premium), { when: 'period-end' }), '2026-03-11']], '2026-05-01');
  t.deepEqual(
    happened.flatMap(({ event }) => ('invoice' in event && event.invoice ? event.invoice.lines.map(({ amount }) => amount) : [])),
    [3100, 6200],
  );
});

test('a change with a new anchor bills the used time and begins a period', decision, {
  given: active,
  when: [change(inArrears(premium), { anchor: 'reset' }), '2026-03-11'],
  happens: ['changed'],
  and: (t, outcome) => {
    t.deepEqual(linesOf(outcome), ['recurring 1000 2026-03-01..2026-03-11']);
    t.like(outcome.state.period, { start: utc('2026-03-11'), end: utc('2026-04-11'), number: 2 });
  },
});

test('a change without proration applies the new terms to the whole period', (t) => {
  const changed: Step = [change(inArrears(premium), { proration: 'none' }), '2026-03-11'];
  given(...active)
    .when(...changed)
    .happens(t, 'changed');
  t.deepEqual(linesOf(given(...active, changed).when(wake, '2026-04-01')), ['recurring 6200 2026-03-01..2026-04-01']);
});

test('a change from billing in arrears to billing in advance is refused', decision, {
  given: active,
  when: [change(premium), '2026-03-11'],
  refused: ['billing-mode-mismatch', '/planId'],
});

test('a change from billing in arrears to billing in advance is refused at the end of the period too', decision, {
  given: active,
  when: [change(premium, { when: 'period-end' }), '2026-03-11'],
  refused: ['billing-mode-mismatch', '/planId'],
});

test('a change from billing in arrears to billing in advance is possible in a trial', decision, {
  given: [[start({ terms: used, trialDays: 7 }), '2026-03-01']],
  when: [change(premium, { when: 'now' }), '2026-03-02'],
  happens: ['changed'],
});

test('an add-on that is billed in another way than its plan is refused', decision, {
  when: [
    start({ terms: { ...used, addOns: [basic].map(({ plan }) => ({ plan: { ...plan, planId: 'plan_kids' }, quantity: 1 })) } }),
    '2026-03-01',
  ],
  refused: ['billing-mode-mismatch', '/addOns/0/planId'],
});

test('an immediate pause bills the used time', decision, {
  given: active,
  when: [pause('now', { credit: 'extend' }), '2026-03-11'],
  happens: ['paused'],
  status: 'paused',
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['recurring 1000 2026-03-01..2026-03-11']),
});

const paused: Step[] = [...active, [pause('now'), '2026-03-11']];

test('a resume is refused while the bill of the pause is unpaid', decision, {
  given: paused,
  when: [resume(), '2026-03-21'],
  refused: ['payment-outstanding'],
});

test('a pause whose bill is never paid ends with its grace period', (t) => {
  const { state } = liveThrough(paused, '2026-06-01', () => false);
  t.deepEqual([state.status, state.endReason], ['cancelled', 'payment-failed']);
});

test('a resume within the period bills nothing, and the end of the period bills only the used time', (t) => {
  const back: Step[] = [...paused, [paid, '2026-03-11'], [resume(), '2026-03-21']];
  given(...back.slice(0, -1))
    .when(resume(), '2026-03-21')
    .happens(t, 'resumed');
  t.deepEqual(linesOf(given(...back).when(wake, '2026-04-01')), ['recurring 1100 2026-03-21..2026-04-01']);
});

test('a resume with a new anchor begins a period', decision, {
  given: [...paused, [paid, '2026-03-11']],
  when: [resume('reset'), '2026-03-21'],
  happens: ['resumed'],
  and: (t, { state, invoices }) => {
    t.is(invoices.length, 0);
    t.like(state.period, { start: utc('2026-03-21'), end: utc('2026-04-21'), number: 2 });
  },
});

test('a pause at the end of the period bills that period', decision, {
  given: [...active, [pause('period-end'), '2026-03-11']],
  when: [wake, '2026-04-01'],
  happens: ['paused'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['recurring 3100 2026-03-01..2026-04-01']),
});
