import test from 'ava';
import type { Subscription, SubscriptionCommand } from '../../../actors/subscription/rules/subscription.ts';
import { cancel, change, declined, paid, premium, type Step, start, utc, wake } from '../../support/subscription-life.ts';
import { decision, linesOf } from '../../support/subscription-table.ts';

const closed = (invoiceId: string, as: 'void' | 'uncollectible' = 'void'): SubscriptionCommand => ({
  type: 'recordInvoiceClosed',
  invoiceId,
  as,
});
const active: Step[] = [
  [start(), '2026-03-01'],
  [paid, '2026-03-01'],
];
const pastDue: Step[] = [...active, [wake, '2026-04-01'], [declined('hard'), '2026-04-01']];
const suspended: Step[] = [...pastDue, [wake, '2026-04-08']];
const chargedFor = ({ charged }: Subscription) => charged.map(({ invoiceId, amount }) => `${invoiceId}: ${amount}`);

for (const as of ['void', 'uncollectible'] as const)
  test(`a past-due subscription is active again when its invoice becomes ${as}, and nothing is retried`, decision, {
    given: pastDue,
    when: [closed('inv_sub_1_2', as), '2026-04-03'],
    happens: ['invoice-closed'],
    status: 'active',
    and: (t, { state }) => {
      t.deepEqual(state.openInvoices, []);
      t.deepEqual(chargedFor(state), ['inv_sub_1_2: 0']);
      t.is(state.paidThrough, utc('2026-04-01'), 'the period was never paid');
    },
  });

test('a suspended subscription has access again for the rest of the period, and no time is credited', decision, {
  given: suspended,
  when: [closed('inv_sub_1_2'), '2026-04-10'],
  happens: ['invoice-closed', 'recovered'],
  status: 'active',
  and: (t, { invoices }) => t.deepEqual(invoices, []),
});

test('past its period, a suspended subscription is billed from now on', decision, {
  given: [[start({ policy: { ...start().policy, finalAction: 'suspend' } }), '2026-03-01'], ...suspended.slice(1)],
  when: [closed('inv_sub_1_2'), '2026-05-11'],
  happens: ['invoice-closed', 'recovered'],
  status: 'active',
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['recurring 2100 2026-05-11..2026-06-01']),
});

test('the next period is billed after the one that was not owed', decision, {
  given: [...pastDue, [closed('inv_sub_1_2'), '2026-04-03']],
  when: [wake, '2026-05-01'],
  happens: ['renewal-due'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['recurring 3100 2026-05-01..2026-06-01']),
});

test('a change within the period credits nothing for an invoice that was not owed', decision, {
  given: [...pastDue, [closed('inv_sub_1_2'), '2026-04-03']],
  when: [change(premium), '2026-04-16'],
  happens: ['changed'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['recurring 3100 2026-04-16..2026-05-01']),
});

test('a subscription that waits for its first payment ends when its invoice is closed', decision, {
  given: [[start(), '2026-03-01']],
  when: [closed('inv_sub_1_1'), '2026-03-01 10:00'],
  happens: ['ended'],
  status: 'incomplete-expired',
});

test('a pending renewal that is voided leaves the subscription active', decision, {
  given: [...active, [wake, '2026-04-01']],
  when: [closed('inv_sub_1_2'), '2026-04-02'],
  happens: ['invoice-closed'],
  status: 'active',
});

test('an invoice that is paid, unknown or was closed by the end changes nothing', decision, {
  given: [...pastDue, [cancel('now'), '2026-04-03']],
  when: [closed('inv_sub_1_2', 'uncollectible'), '2026-04-03'],
  happens: [],
});

test('a paid invoice changes nothing', decision, { given: active, when: [closed('inv_sub_1_1'), '2026-03-02'], happens: [] });
