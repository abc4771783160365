import test from 'ava';
import fc from 'fast-check';
import { draftOf, taxRequestOf, withNumberAndCredit } from '../../services/invoicing/draft.ts';
import { type Seller, unnamedSeller } from '../../services/invoicing/legal-entity/legal-entity.ts';
import { tableTax } from '../../services/invoicing/tax/table-tax.ts';
import { issuedInvoice } from '../support/issued-invoice.ts';
import { type Line, renewalDue } from '../support/money-events.ts';

const customer = {
  name: 'Ada',
  email: 'ada@example.com',
  country: 'DE',
  locale: 'de-AT',
  timezone: 'Europe/Berlin',
  address: null,
  vatId: null,
  taxExempt: false,
};

/** A seller that is registered in Germany, where the rate is 19 %. */
const registered: Seller = { ...unnamedSeller, name: 'Strom GmbH', country: 'DE', vatId: 'DE136695976', registrations: ['DE'] };

function draft(lines: readonly Line[], seller: Seller = unnamedSeller, taxBehaviour: 'inclusive' | 'exclusive' = 'inclusive') {
  const event = renewalDue({ lines });
  const request = { ...event.data.invoice, taxBehaviour };
  return draftOf(event, request, customer, seller, tableTax.taxOf(taxRequestOf(request, customer, seller, event.time)));
}

for (const [language, name, description] of [
  ['the locale of the customer', { 'de-AT': 'Paket', de: 'Deutsch', en: 'English' }, 'Paket'],
  ['the language of the locale where the locale is missing', { de: 'Deutsch', en: 'English' }, 'Deutsch'],
  ['English where the language is missing', { fr: 'Français', en: 'English' }, 'English'],
  ['any language where English is missing too', { fr: 'Français' }, 'Français'],
  ['the id of the plan where it has no name', {}, 'plan_premium'],
] as const)
  test(`a line is described in ${language}`, (t) => {
    t.is(draft([{ amount: 1, name }]).lines[0]?.description, description);
  });

test('a seller without registrations charges no tax, and the invoice names the reason', (t) => {
  t.like(draft([{ amount: 1799 }]), {
    tax: 0,
    lines: [{ taxRate: '0', tax: 0, taxCategory: 'O' }],
    taxes: [{ reason: 'seller-not-registered' }],
  });
});

test('tax comes on top of exclusive prices and lies within inclusive ones', (t) => {
  t.like(draft([{ amount: 1000 }], registered, 'exclusive'), { subtotal: 1000, tax: 190, total: 1190 });
  t.like(draft([{ amount: 1190 }], registered, 'inclusive'), { subtotal: 1190, tax: 190, total: 1190 });
});

test('tax applies to the amount after discounts', (t) => {
  const made = draft([{ amount: 1000, discount: 100 }], registered, 'exclusive');
  t.like(made, { subtotal: 1000, discount: 100, tax: 171, total: 1071, taxes: [{ category: 'S', rate: '0.19', taxable: 900, tax: 171 }] });
});

test('a customer with a certificate of exemption is charged no tax, and the invoice names the reason', (t) => {
  const made = issuedInvoice({ lines: [{ amount: 1000 }], buyer: { taxExempt: true } });
  t.like(made, { tax: 0, total: 1000, taxes: [{ category: 'E', reason: 'buyer-exempt' }] });
});

test('law: with any lines, an invoice balances: its sum is due, paid by account credit, or owed to the customer', (t) => {
  const line = fc
    .record({ amount: fc.integer({ min: -5000, max: 5000 }), discount: fc.integer({ min: 0, max: 5000 }) })
    .map(({ amount, discount }) => ({ amount, discount: Math.min(discount, Math.max(0, amount)) }));
  fc.assert(
    fc.property(fc.array(line), fc.boolean(), fc.integer({ min: 0, max: 9000 }), (lines, exclusive, available) => {
      const made = draft(lines, registered, exclusive ? 'exclusive' : 'inclusive');
      const invoice = withNumberAndCredit(made, 'MQ-2026-000001', Math.min(available, made.total));
      const asked = lines.reduce((sum, { amount, discount }) => sum + amount - discount, 0) + (exclusive ? invoice.tax : 0);

      t.is(invoice.amountDue + invoice.creditApplied - invoice.creditGranted, asked);
      t.is(invoice.total, invoice.amountDue + invoice.creditApplied);
      t.true(invoice.total === 0 || invoice.creditGranted === 0);
      t.is(invoice.status, invoice.amountDue === 0 ? 'paid' : 'open');
      t.true(Object.values(invoice).every((value) => typeof value !== 'number' || (Number.isInteger(value) && !Object.is(value, -0))));
    }),
  );
});
