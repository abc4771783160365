import type { InvoiceLineResource, InvoiceResource } from '../shared/contracts/invoice-resource.ts';
import { eventId, type MarqueeEvent, newEvent } from '../shared/events.ts';
import type { Instant } from '../shared/time.ts';
import type { AppliedFunds, Invoice, InvoiceChange, InvoiceEventType, InvoiceLine } from './invoice.ts';
import { amountDisputed, amountRefunded, amountRemaining, creditAppliedLater } from './invoice-balance.ts';
import type { Discount } from './subscription-events.ts';

type ShownLine = InvoiceLineResource & { readonly planId: string | null };

const lineResource = ({
  kind,
  description,
  amount,
  discount,
  quantity,
  period,
  taxRate,
  taxCategory,
  tax,
  planId,
}: InvoiceLine): ShownLine => ({
  kind,
  description,
  amount,
  discount,
  quantity,
  period,
  taxRate,
  taxCategory,
  tax,
  planId,
});

/** What a coupon takes off is a line of its own for the eye; its tax is in the lines it is taken off from. */
const discountLine = ({ name, amount }: Discount): ShownLine => ({
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

type ShownBeyond = {
  readonly creditGranted: number;
  readonly credited: number;
  readonly amountRefunded: number;
  /** What the bank has taken back, for now or for good. */
  readonly amountDisputed: number;
  readonly amountRemaining: number;
  /** What paid it beside its payment. */
  readonly settlements: readonly AppliedFunds[];
  readonly consolidationId: string | null;
};

/** What the invoice is for the eye: one whose money went back is no longer simply paid. */
const shownStatus = ({ status, refundState }: Invoice): InvoiceResource['status'] =>
  status === 'paid' && refundState !== undefined ? refundState : status;

/** The invoice as the API and its events show it. */
export const invoiceResource = (invoice: Invoice): InvoiceResource & ShownBeyond => ({
  id: invoice._id,
  number: invoice.number,
  status: shownStatus(invoice),
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
  credited: invoice.creditNotes.reduce((sum, { total }) => sum + total, 0),
  amountRefunded: amountRefunded(invoice),
  amountDisputed: amountDisputed(invoice),
  amountRemaining: invoice.status === 'open' || invoice.status === 'uncollectible' ? amountRemaining(invoice) : 0,
  settlements: invoice.settlements ?? [],
  givenBack: invoice.givenBack ?? null,
  reopened: (invoice.refunds ?? []).flatMap(({ id: refundId, amount, reopened }) => (reopened && amount > 0 ? [{ refundId, amount }] : [])),
  attempts: invoice.attempts.map(({ at, outcome, declineCode }) => ({ at, outcome, declineCode })),
  testClock: invoice.testClock,
  consolidationId: invoice.consolidation?.id ?? null,
});

/** The invoice as it was when it was finalised, for a repeat of that event after more has happened. */
const invoiceAsFinalised = ({ settlements: _, givenBack: __, ...invoice }: Invoice): Invoice => ({
  ...withoutRefunds(invoice),
  status: invoice.amountDue === 0 ? 'paid' : 'open',
  amountPaid: 0,
  attempts: [],
  creditNotes: [],
});

/** A change of status is told as it was then, whatever went back since; refunds and disputes have events of their own. */
const invoiceAsOf = (invoice: Invoice, type: InvoiceEventType, at: Instant): Invoice => ({
  ...withoutRefunds(invoice),
  refunds: (invoice.refunds ?? []).filter((refund) => refund.reopened && refund.at <= at),
  status: type === 'invoice.paid' ? 'paid' : type === 'invoice.reopened' ? 'open' : invoice.status,
});

const withoutRefunds = ({ refunds: _, refundState: __, disputes: ___, ...invoice }: Invoice): Invoice => invoice;

function finalisedResource(invoice: Invoice): InvoiceResource {
  const resource = invoiceResource(invoiceAsFinalised(invoice));
  if (invoice.consolidation === undefined) return resource;
  const { id, number, members } = invoice.consolidation;
  return { ...resource, consolidation: { id, number, members } };
}

/** The event that tells of one change. Made from the stored document alone, so that a repeat has the same id, time and number. */
export const changeEvent = (invoice: Invoice, { type, sequence, at }: InvoiceChange): MarqueeEvent<InvoiceResource> =>
  newEvent({
    type,
    subject: invoice._id,
    sequence,
    time: at,
    customerId: invoice.customerId,
    testClock: invoice.testClock,
    data: type === 'invoice.finalised' ? finalisedResource(invoice) : invoiceResource(invoiceAsOf(invoice, type, at)),
  });

/** The events that follow from one cause: none where it changed no status. */
export const eventsCausedBy = (invoice: Invoice, cause: string): readonly MarqueeEvent<InvoiceResource>[] =>
  invoice.changes.filter((change) => change.cause === cause).map((change) => changeEvent(invoice, change));

export const finalisedEventId = (invoiceId: string): string => eventId(invoiceId, 1);
