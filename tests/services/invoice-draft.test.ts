import test from 'ava';
import fc from 'fast-check';
import { draftOf, withNumberAndCredit } from '../../services/invoicing/draft.ts';
import type { InvoiceRequest, SubscriptionHappened } from '../../services/invoicing/subscription-events.ts';
import { type TaxCalculator, untaxed } from '../../services/invoicing/tax.ts';
import type { MarqueeEvent } from '../../services/shared/events.ts';
import { portion } from '../../services/shared/money.ts';
import { type Line, renewalDue } from '../support/money-events.ts';

const customer = {
  id: 'cus_1',
  name: 'Ada',
  email: 'ada@example.com',
  country: 'DE',
  locale: 'de-AT',
  address: null,
  vatId: null,
  currency: 'EUR',
  testClock: null,
};

function draft(lines: readonly Line[], taxOf: TaxCalculator = untaxed, taxBehaviour: 'inclusive' | 'exclusive' = 'inclusive') {
  const event = renewalDue({ lines }) as MarqueeEvent<SubscriptionHappened>;
  return draftOf(event, { ...(event.data.invoice as InvoiceRequest), taxBehaviour }, customer, taxOf);
}

const tenPercent: TaxCalculator = ({ amounts }) => ({
  lines: amounts.map((amount) => ({ rate: '0.1', tax: portion(amount, 10, 100) })),
  reason: 'standard',
});

for (const [what, name, description] of [
  ['the very locale', { 'de-AT': 'Paket', de: 'Deutsch', en: 'English' }, 'Paket'],
  ['else its language', { de: 'Deutsch', en: 'English' }, 'Deutsch'],
  ['else English', { fr: 'Français', en: 'English' }, 'English'],
  ['else any', { fr: 'Français' }, 'Français'],
  ['else the plan', {}, 'plan_premium'],
] as const)
  test(`a line is described in ${what}`, (t) => {
    t.is(draft([{ amount: 1, name }]).lines[0]?.description, description);
  });

test('where no tax is set up every rate is 0, and the invoice says why', (t) => {
  t.like(draft([{ amount: 1799 }]), { tax: 0, taxReason: 'not-configured', lines: [{ taxRate: '0', tax: 0 }] });
});

test('tax comes on top of exclusive prices and lies within inclusive ones', (t) => {
  t.like(draft([{ amount: 1000 }], tenPercent, 'exclusive'), { subtotal: 1000, tax: 100, total: 1100, taxReason: 'standard' });
  t.like(draft([{ amount: 1000 }], tenPercent, 'inclusive'), { subtotal: 1000, tax: 100, total: 1000 });
});

test('whatever the lines, the invoice balances: what is asked is due, paid by credit, or owed to the customer', (t) => {
  const line = fc.record({ amount: fc.integer({ min: -5000, max: 5000 }), kind: fc.constantFrom('recurring', 'credit', 'discount') });
  fc.assert(
    fc.property(fc.array(line), fc.boolean(), fc.integer({ min: 0, max: 9000 }), (lines, exclusive, available) => {
      const made = draft(lines as Line[], tenPercent, exclusive ? 'exclusive' : 'inclusive');
      const invoice = withNumberAndCredit(made, 'MQ-2026-000001', Math.min(available, made.total));
      const asked = lines.reduce((sum, { amount }) => sum + amount, 0) + (exclusive ? invoice.tax : 0);

      t.is(invoice.amountDue + invoice.creditApplied - invoice.creditGranted, asked);
      t.is(invoice.total, invoice.amountDue + invoice.creditApplied);
      t.true(invoice.total === 0 || invoice.creditGranted === 0);
      t.is(invoice.status, invoice.amountDue === 0 ? 'paid' : 'open');
      t.true(Object.values(invoice).every((value) => typeof value !== 'number' || (Number.isInteger(value) && !Object.is(value, -0))));
    }),
  );
});
