import test from 'ava';
import fc from 'fast-check';
import type { CancelRefund, RequestedLine, SubscriptionCommand } from '../../../actors/subscription/rules/subscription.ts';
import { plusMillis } from '../../../services/shared/time.ts';
import { lawRuns } from '../../support/law-runs.ts';
import { termsArbitrary } from '../../support/random-terms.ts';
import { cancel, given, type Outcome, paid, type Step, start, utc, wake } from '../../support/subscription-life.ts';
import { decision, linesOf } from '../../support/subscription-table.ts';

const debited = (invoiceId: string): SubscriptionCommand => ({
  type: 'recordPayment',
  invoiceId,
  outcome: 'succeeded',
  attempt: 1,
  category: null,
  declineCode: null,
});
/** The debit of the second period is under way. */
const renewing: Step[] = [
  [start(), '2026-03-01'],
  [paid, '2026-03-01'],
  [wake, '2026-04-01'],
];
const late = debited('inv_sub_1_2');
const refundsOf = ({ events }: Outcome): RequestedLine[] => events.flatMap((event) => ('refunds' in event ? event.refunds : []));

test('a debit that arrives after a cancellation with a full refund is returned as a whole', decision, {
  given: [...renewing, [cancel('now', 'none', 'full'), '2026-04-02']],
  when: [late, '2026-04-05'],
  happens: ['late-payment-recorded', 'late-payment-returned'],
  status: 'cancelled',
  and: (t, outcome) => {
    t.deepEqual(
      refundsOf(outcome).map(({ amount, creditedInvoiceId }) => `${amount} of ${creditedInvoiceId}`),
      ['-3100 of inv_sub_1_2'],
    );
    t.deepEqual(outcome.invoices, []);
  },
});

test('a debit that arrives after a cancellation with credit becomes credit for the unused time', decision, {
  given: [...renewing, [cancel('now', 'prorate'), '2026-04-16']],
  when: [late, '2026-04-18'],
  happens: ['late-payment-recorded', 'late-payment-returned'],
  and: (t, outcome) => {
    t.deepEqual(linesOf(outcome), ['credit -1550 2026-04-16..2026-05-01']);
    t.deepEqual(refundsOf(outcome), []);
  },
});

test('a debit that arrives after a cancellation that returns nothing is kept', decision, {
  given: [...renewing, [cancel('now'), '2026-04-02']],
  when: [late, '2026-04-05'],
  happens: ['late-payment-recorded'],
});

test('a promise is kept although the subscription was reactivated meanwhile', decision, {
  given: [
    ...renewing,
    [cancel('now', 'none', 'full'), '2026-04-02'],
    [{ type: 'reactivate', terms: null, hasPaymentMethod: true }, '2026-04-03'],
  ],
  when: [late, '2026-04-05'],
  happens: ['late-payment-recorded', 'late-payment-returned'],
  status: 'incomplete',
  and: (t, outcome) => t.is(refundsOf(outcome).length, 1),
});

test('a promise is kept once', (t) => {
  const life = given(...renewing, [cancel('now', 'none', 'prorate'), '2026-04-11'], [late, '2026-04-14']);
  life.when(late, '2026-04-15').nothingHappens(t);
});

const returned = fc.constantFrom<readonly ['none' | 'prorate', CancelRefund]>(['prorate', 'none'], ['none', 'prorate'], ['none', 'full']);

/** The credit lines of a cancellation, wherever they are requested: on invoices or as refunds. */
const returns = (...outcomes: readonly Outcome[]) =>
  outcomes
    .flatMap((outcome) => [
      ...outcome.invoices.flatMap(({ lines }) => lines.filter(({ kind }) => kind === 'credit').map((line) => ({ to: 'credit', line }))),
      ...refundsOf(outcome).map((line) => ({ to: 'refund', line })),
    ])
    .map(({ to, line: { amount, period, planId, creditedInvoiceId } }) => `${to} ${amount} ${planId} ${period.start} ${creditedInvoiceId}`);

/** So many minutes after a time in UTC, as the steps of a life name it. */
const after = (at: string, minutes: number): string => plusMillis(utc(at), minutes * 60_000).slice(0, -1);

test('law: a payment that comes after a cancellation returns what it would have returned before it', (t) => {
  let compared = 0;
  fc.assert(
    fc.property(
      termsArbitrary,
      returned,
      fc.integer({ min: 1, max: 40 * 24 * 60 }),
      fc.constantFrom<'day' | 'second'>('day', 'second'),
      (terms, [credit, refund], minutes, prorationUnit) => {
        const begun = given([start({ terms, prorationUnit }), '2026-03-01']).before;
        const end = begun?.period?.end.slice(0, -1);
        if (end === undefined || begun?.openInvoices.length !== 1) return;
        const lived: Step[] = [
          [start({ terms, prorationUnit }), '2026-03-01'],
          [paid, '2026-03-01'],
          [wake, end],
        ];
        const renewal = given(...lived).before;
        const [open] = renewal?.openInvoices ?? [];
        const at = after(end, minutes);
        if (open === undefined || renewal?.period?.end === undefined || at >= renewal.period.end) return;
        const requested: Step = [cancel('now', credit, refund), at];
        const before = given(...lived, [paid, end]).when(...requested);
        const cancelled = given(...lived).when(...requested);
        const late = given(...lived, requested).when(debited(open.invoiceId), after(at, 3 * 24 * 60));
        t.deepEqual(returns(cancelled, late), returns(before));
        compared += 1;
      },
    ),
    { numRuns: lawRuns(300) },
  );
  t.true(compared > lawRuns(300) / 10);
});
