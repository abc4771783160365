import type { Discount } from '../shared/contracts/invoice-request.ts';
import type { InvoiceLineResource, InvoiceResource } from '../shared/contracts/invoice-resource.ts';
import { eventId, type MarqueeEvent, newEvent } from '../shared/events.ts';
import { sumOf } from '../shared/money.ts';
import { pick } from '../shared/pick.ts';
import type { Instant } from '../shared/time.ts';
import type { Invoice, InvoiceChange, InvoiceLine } from './invoice.ts';
import { amountDisputed, amountRefunded, amountRemaining, creditAppliedLater } from './invoice-balance.ts';

const lineFields = [
  ...(['kind', 'description', 'amount', 'discount', 'quantity', 'period'] as const),
  ...(['taxRate', 'taxCategory', 'tax', 'planId'] as const),
];

const lineResource = (line: InvoiceLine): InvoiceLineResource => pick(line, lineFields);

/** A discount is shown as a line of its own; its tax is in the lines that it reduces. */
const discountLine = ({ name, amount }: Discount): InvoiceLineResource => ({
  kind: 'discount',
  description: name,
  amount: 0 - amount,
  discount: 0,
  quantity: 1,
  period: null,
  taxRate: '0',
  taxCategory: 'O',
  tax: 0,
  planId: null,
});

/** The status of the API: a paid invoice with refunds is `refunded` or `partially-refunded`. */
const statusOf = ({ status, refundState }: Invoice): InvoiceResource['status'] =>
  status === 'paid' && refundState !== undefined ? refundState : status;

/** The invoice as the API and its events carry it. Amounts in minor units of `currency`. */
export const invoiceResource = (invoice: Invoice): InvoiceResource => ({
  id: invoice._id,
  number: invoice.number,
  status: statusOf(invoice),
  customerId: invoice.customerId,
  subscriptionId: invoice.subscriptionId,
  issuedAt: invoice.issuedAt,
  dueAt: invoice.dueAt,
  period: invoice.period,
  lines: [...invoice.lines.map(lineResource), ...invoice.discounts.map(discountLine)],
  subtotal: invoice.subtotal,
  discount: invoice.discount,
  tax: invoice.tax,
  taxes: invoice.taxes,
  total: invoice.total,
  creditApplied: invoice.creditApplied + creditAppliedLater(invoice),
  creditGranted: invoice.creditGranted,
  amountDue: invoice.amountDue - creditAppliedLater(invoice),
  amountPaid: invoice.amountPaid,
  currency: invoice.currency,
  credited: sumOf(invoice.creditNotes.map(({ total }) => total)),
  amountRefunded: amountRefunded(invoice),
  amountDisputed: amountDisputed(invoice),
  amountRemaining: invoice.status === 'open' || invoice.status === 'uncollectible' ? amountRemaining(invoice) : 0,
  settlements: (invoice.settlements ?? []).map((applied) => pick(applied, ['id', 'kind', 'amount', 'at', 'receipt'])),
  givenBack: invoice.givenBack ?? null,
  reopened: (invoice.refunds ?? []).flatMap(({ id: refundId, amount, reopened }) => (reopened && amount > 0 ? [{ refundId, amount }] : [])),
  attempts: invoice.attempts.map(({ at, outcome, declineCode }) => ({ at, outcome, declineCode })),
  testClock: invoice.testClock,
  consolidationId: invoice.consolidation?.id ?? null,
});

/** The invoice as it was when it was finalised, for a repeat of that event after later changes. */
const invoiceAsFinalised = ({ settlements: _, givenBack: __, ...invoice }: Invoice): Invoice => ({
  ...withoutRefunds(invoice),
  status: invoice.amountDue === 0 ? 'paid' : 'open',
  amountPaid: 0,
  attempts: [],
  creditNotes: [],
});

/**
 * The invoice as it was at a change, without later refunds. Refunds and disputes have events of
 * their own.
 */
const invoiceAsOf = (invoice: Invoice, type: InvoiceChange['type'], at: Instant): Invoice => ({
  ...withoutRefunds(invoice),
  refunds: (invoice.refunds ?? []).filter((refund) => refund.reopened && refund.at <= at),
  status: type === 'invoice.paid' ? 'paid' : type === 'invoice.reopened' ? 'open' : invoice.status,
});

const withoutRefunds = ({ refunds: _, refundState: __, disputes: ___, ...invoice }: Invoice): Invoice => invoice;

function finalisedResource(invoice: Invoice): InvoiceResource {
  const resource = invoiceResource(invoiceAsFinalised(invoice));
  if (invoice.consolidation === undefined) return resource;
  const { id, number, members } = invoice.consolidation;
  if (members === undefined) throw new Error(`the members of ${id} are read from its consolidation before they are published`);
  return { ...resource, consolidation: { id, number, members } };
}

/**
 * The event of one change, made from the stored document alone, so that a repeat has the same id,
 * time and sequence.
 */
export const changeEvent = (invoice: Invoice, { type, sequence, at }: InvoiceChange): MarqueeEvent<'invoice.*'> =>
  newEvent({
    type,
    subject: invoice._id,
    sequence,
    time: at,
    customerId: invoice.customerId,
    testClock: invoice.testClock,
    data: type === 'invoice.finalised' ? finalisedResource(invoice) : invoiceResource(invoiceAsOf(invoice, type, at)),
  });

/** The events of one cause: none where it changed nothing. */
export const eventsCausedBy = (invoice: Invoice, cause: string): readonly MarqueeEvent<'invoice.*'>[] =>
  invoice.changes.filter((change) => change.cause === cause).map((change) => changeEvent(invoice, change));

export const finalisedEventId = (invoiceId: string): string => eventId(invoiceId, 1);
