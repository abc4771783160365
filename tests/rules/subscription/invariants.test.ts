import test from 'ava';
import { evolve, fold } from '../../../actors/subscription/rules/evolve.ts';
import { violation } from '../../../actors/subscription/rules/invariants.ts';
import type { InvoiceRequest, Subscription, SubscriptionEvent } from '../../../actors/subscription/rules/subscription.ts';
import { basic, cancel, change, given, inArrears, paid, premium, type Step, start, utc, wake } from '../../support/subscription-life.ts';

const active: Step[] = [
  [start(), '2026-03-01'],
  [paid, '2026-03-01'],
];

/**
 * The violation in the events of a valid decision about an active subscription, after `falsify` has
 * changed them.
 */
const found = (step: Step, falsify: (event: SubscriptionEvent) => SubscriptionEvent): string | undefined => {
  const life = given(...active);
  const before = life.before as Subscription;
  const events = life.when(...step).events.map(falsify);
  return violation(before, fold(events, before), events);
};

const withInvoice = (change: (invoice: InvoiceRequest) => InvoiceRequest) => (event: SubscriptionEvent) =>
  'invoice' in event && event.invoice ? ({ ...event, invoice: change(event.invoice) } as SubscriptionEvent) : event;

const withLines = (change: (amount: number) => number) =>
  withInvoice((invoice) => ({ ...invoice, lines: invoice.lines.map((line) => ({ ...line, amount: change(line.amount) })) }));

const upgrade: Step = [change(premium), '2026-03-11'];

test('a valid turn breaks no invariant', (t) => {
  t.is(
    found(upgrade, (event) => event),
    undefined,
  );
});

test('an invoice whose lines cannot be added up exactly is found', (t) => {
  const amount = Number.MAX_SAFE_INTEGER - 1;
  const twoCharges = withInvoice((invoice) => {
    const charge = invoice.lines.find((line) => line.amount > 0) as (typeof invoice.lines)[number];
    const large = { ...charge, amount, explanation: { ...charge.explanation, base: amount, numerator: 1, denominator: 1 } };
    return { ...invoice, lines: [large, large] };
  });

  t.regex(found(upgrade, twoCharges) ?? '', /cannot be added up/);
});

test('a charge that differs from its share is found', (t) => {
  t.regex(
    found(
      upgrade,
      withLines((amount) => (amount > 0 ? amount + 1 : amount)),
    ) ?? '',
    /does not match its explanation/,
  );
});

test('a credit above its share is found', (t) => {
  t.regex(
    found(
      upgrade,
      withLines((amount) => (amount < 0 ? amount - 1 : amount)),
    ) ?? '',
    /does not match its explanation/,
  );
});

test('a fraction of a cent is found', (t) => {
  t.regex(
    found(
      upgrade,
      withLines((amount) => (amount < 0 ? amount + 0.5 : amount)),
    ) ?? '',
    /does not match its explanation/,
  );
});

test('a charge for time that is already paid is found', (t) => {
  const withoutCredit = withInvoice((invoice) => ({ ...invoice, lines: invoice.lines.filter(({ kind }) => kind !== 'credit') }));
  t.regex(found(upgrade, withoutCredit) ?? '', /charged twice/);
});

test('a credit that begins after the charge for the same time is found', (t) => {
  const later = withInvoice((invoice) => {
    const lines = invoice.lines.map((line) =>
      line.kind === 'credit' ? { ...line, period: { ...line.period, start: utc('2026-03-20') } } : line,
    );
    return { ...invoice, lines };
  });
  t.regex(found(upgrade, later) ?? '', /charged twice/);
});

test('a credit that is given twice is found', (t) => {
  const twice = withInvoice((invoice) => ({ ...invoice, lines: [...invoice.lines, ...invoice.lines] }));
  t.regex(found([cancel('now', 'prorate'), '2026-03-11'], twice) ?? '', /more is credited than was charged/);
});

test('a credit for an invoice that charged nothing is found', (t) => {
  const elsewhere = withInvoice((invoice) => ({
    ...invoice,
    lines: invoice.lines.map((line) => ({ ...line, creditedInvoiceId: 'inv_other_1' })),
  }));
  t.regex(found([cancel('now', 'prorate'), '2026-03-11'], elsewhere) ?? '', /inv_other_1, which charged nothing/);
});

test('an invoice in another currency is found', (t) => {
  t.regex(
    found(
      upgrade,
      withInvoice((invoice) => ({ ...invoice, currency: 'USD' })),
    ) ?? '',
    /an invoice in USD/,
  );
});

test('a period number that falls is found', (t) => {
  const falls = (event: SubscriptionEvent): SubscriptionEvent =>
    event.type === 'subscription.renewal-due' ? { ...event, period: { ...event.period, number: 0 } } : event;
  t.regex(found([wake, '2026-04-01'], falls) ?? '', /number of the period falls/);
});

test('a period without a length is found', (t) => {
  const empty = (event: SubscriptionEvent): SubscriptionEvent =>
    event.type === 'subscription.renewal-due' ? { ...event, period: { ...event.period, end: event.period.start } } : event;
  t.regex(found([wake, '2026-04-01'], empty) ?? '', /does not end after its start/);
});

test('paid time that shrinks without a credit is found', (t) => {
  const before = fold(given(...active).when(wake, '2026-04-01').events, given(...active).before as Subscription);
  const event: SubscriptionEvent = {
    type: 'subscription.renewed',
    at: utc('2026-04-01'),
    invoiceId: 'inv_sub_1_2',
    paidThrough: utc('2026-03-20'),
  };
  t.regex(violation(before, evolve(before, event), [event]) ?? '', /moves back to 2026-03-20/);
});

test('a state that does not follow from its events is found', (t) => {
  const { before } = given(...active);
  t.regex(violation(before, { ...(before as Subscription), sequence: 9 }, []) ?? '', /the sequence is 9/);
});

const used = given([start({ terms: inArrears(basic) }), '2026-03-01']);

/**
 * The violation when the first period, billed at its end, was already half billed or without
 * access.
 */
const foundInArrears = (changes: Partial<Subscription>): string | undefined => {
  const events = used.when(wake, '2026-04-01').events;
  const before = { ...(used.before as Subscription), ...changes };
  return violation(before, fold(events, before), events);
};

test('a valid bill in arrears breaks no invariant', (t) => t.is(foundInArrears({}), undefined));

test('time that is billed a second time in arrears is found', (t) =>
  t.regex(foundInArrears({ billedThrough: utc('2026-03-16') }) ?? '', /2026-03-01.* is billed twice/));

test('a bill in arrears for time without access is found', (t) => {
  const blocked = [{ start: utc('2026-03-10'), end: utc('2026-03-12') }];
  t.regex(foundInArrears({ blocked }) ?? '', /there was no access/);
});

test('a bill in arrears that ends before it begins is found', (t) =>
  t.regex(foundInArrears({ billedThrough: utc('2026-05-01') }) ?? '', /moves back from 2026-05-01/));
