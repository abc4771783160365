import test from 'ava';
import fc from 'fast-check';
import type { SubscriptionEvent } from '../../actors/subscription/rules/subscription.ts';
import {
  balanceAt,
  type CreditAccount,
  drawn,
  drawnFor,
  granted,
  newCreditAccount,
} from '../../services/invoicing/credit/account-credit.ts';
import { draftOf, type RequestingEvent, taxRequestOf, withNumberAndCredit } from '../../services/invoicing/draft.ts';
import type { BilledTo, Invoice } from '../../services/invoicing/invoice.ts';
import { type Seller, unnamedSeller } from '../../services/invoicing/legal-entity/legal-entity.ts';
import { tableTax } from '../../services/invoicing/tax/table-tax.ts';
import type { InvoiceRequest } from '../../services/shared/contracts/invoice-request.ts';
import { ada } from '../support/issued-invoice.ts';
import { lawRuns } from '../support/law-runs.ts';
import { lifeArbitrary, turnsOf } from '../support/random-subscription.ts';

/** Sellers in Germany, in the one-stop shop, in New York and in Québec, each with its own tax. */
const seller: Seller = {
  ...unnamedSeller,
  country: 'DE',
  vatId: 'DE136695976',
  registrations: ['DE', 'EU-OSS', 'US-NY', 'CA', 'CA-QC', 'GB'],
};
const places: readonly Partial<BilledTo>[] = [
  { country: 'DE' },
  { country: 'FR' },
  { country: 'FR', vatId: 'FR40303265045' },
  { country: 'GB' },
  { country: 'US', address: { region: 'NY' } },
  { country: 'CA', address: { region: 'QC' } },
  { country: 'JP' },
];

const credits = fc.array(fc.record({ before: fc.nat({ max: 8 }), amount: fc.integer({ min: 1, max: 50_000 }) }), { maxLength: 3 });

const isAsking = (event: SubscriptionEvent): event is SubscriptionEvent & { invoice: InvoiceRequest } =>
  'invoice' in event && event.invoice !== null;

type Billed = { readonly invoices: readonly Invoice[]; readonly account: CreditAccount; readonly given: number };

/**
 * The invoices of a subscription as invoicing makes them: every request taxed, negative sums
 * granted as credit, credit applied, and more credit granted in between.
 */
function billed(
  requests: readonly { request: InvoiceRequest; at: string }[],
  buyer: BilledTo,
  gifts: readonly { before: number; amount: number }[],
): Billed {
  const currency = requests[0]?.request.currency ?? 'EUR';
  let account = newCreditAccount('cus_1', currency);
  const invoices = requests.map(({ request, at }, index) => {
    for (const [number, { before, amount }] of gifts.entries())
      if (before === index) account = granted(account, { id: `gift_${number}`, amount, reason: 'gift', expiresAt: null }, at);
    const asking = {
      id: `evt_${index}`,
      time: at,
      customerId: 'cus_1',
      testClock: null,
      data: { subscription: { id: 'sub_1', customerId: 'cus_1' } },
    };
    const taxed = tableTax.taxOf(taxRequestOf(request, buyer, seller, at));
    const draft = draftOf(asking as RequestingEvent, request, buyer, seller, taxed);
    account = granted(account, { id: `${draft._id}:granted`, amount: draft.creditGranted, reason: 'invoice', expiresAt: null }, at);
    if (draft.total > 0) account = drawn(account, draft._id, draft.total, at);
    return withNumberAndCredit(draft, `MQ-${index}`, drawnFor(account, draft._id));
  });
  const given = gifts.filter(({ before }) => before < requests.length).reduce((sum, { amount }) => sum + amount, 0);
  return { invoices, account, given };
}

const sum = (amounts: readonly number[]): number => amounts.reduce((total, amount) => total + amount, 0);

const everyLife = (holds: (billed: Billed) => void) =>
  fc.assert(
    fc.property(
      lifeArbitrary,
      fc.constantFrom(...places),
      fc.constantFrom('inclusive' as const, 'exclusive' as const),
      credits,
      (life, place, taxBehaviour, gifts) => {
        const events = turnsOf(life).flatMap((turn) => turn.events);
        const requests = events
          .filter(isAsking)
          .map(({ invoice, at }) => ({ request: { ...invoice, taxBehaviour } as InvoiceRequest, at }));
        holds(billed(requests, { ...ada, address: null, ...place }, gifts));
      },
    ),
    { numRuns: lawRuns(400) },
  );

const demand = (holds: boolean, law: string, about: unknown): void => {
  if (!holds) throw new Error(`${law}: ${JSON.stringify(about)}`);
};

test('law: the total of every invoice is the subtotal less discounts, with tax added or included, and a negative total becomes credit', (t) => {
  everyLife(({ invoices }) => {
    for (const invoice of invoices) {
      const { subtotal, discount, tax, total, creditGranted, taxBehaviour, lines, taxes } = invoice;
      const balance = subtotal - discount + (taxBehaviour === 'exclusive' ? tax : 0);
      demand(total - creditGranted === balance && total * creditGranted === 0, 'total', invoice);
      demand(subtotal === sum(lines.map(({ amount }) => amount)) && discount === sum(lines.map((line) => line.discount)), 'lines', invoice);
      demand(sum(lines.map(({ net }) => net)) + tax === balance, 'net and tax are all of it', invoice);
      demand(tax === sum(lines.map((line) => line.tax)) && tax === sum(taxes.map((each) => each.tax)), 'tax', invoice);
    }
  });
  t.pass();
});

test('law: the tax of a rate is the sum of its lines, and their net amounts are taxable', (t) => {
  everyLife(({ invoices }) => {
    for (const { taxes, lines } of invoices)
      for (const [category, ofCategory] of Map.groupBy(taxes, (each) => each.category)) {
        const taxed = lines.filter(({ taxCategory }) => taxCategory === category);
        demand(sum(ofCategory.map(({ tax }) => tax)) === sum(taxed.map(({ tax }) => tax)), 'tax of a category', { taxes, lines });
        const net = sum(taxed.map((line) => line.net));
        // Each of several taxes on a line covers the whole line; untaxed lines have one row per
        // reason, and together they are the whole.
        const stacked =
          category === 'S' ? Map.groupBy(ofCategory, ({ jurisdiction, name }) => `${jurisdiction} ${name}`) : [['', ofCategory] as const];
        for (const [, rows] of stacked) demand(sum(rows.map(({ taxable }) => taxable)) === net, 'taxable', { taxes, lines });
      }
  });
  t.pass();
});

test('law: account credit is neither created nor lost: at any instant, grants equal the used and the remaining credit', (t) => {
  everyLife(({ invoices, account, given }) => {
    const last = '9000-01-01T00:00:00.000Z';
    const grantedByInvoices = sum(invoices.map(({ creditGranted }) => creditGranted));
    const used = sum(invoices.map(({ creditApplied }) => creditApplied));
    demand(given + grantedByInvoices === used + balanceAt(account, last), 'credit', account);
    demand(
      account.grants.every(({ remaining, amount }) => remaining >= 0 && remaining <= amount),
      'a grant',
      account,
    );
    for (const invoice of invoices)
      demand(invoice.creditApplied >= 0 && invoice.creditApplied + invoice.amountDue === invoice.total, 'due', invoice);
    const balances = new Map<string, number>();
    for (const { from, to, amount } of account.entries) {
      balances.set(from, (balances.get(from) ?? 0) - amount);
      balances.set(to, (balances.get(to) ?? 0) + amount);
      demand(sum([...balances.values()]) === 0 && (balances.get('customer') ?? 0) >= 0, 'double entry', account);
    }
  });
  t.pass();
});
