import { isCountable, portion } from '../../../services/shared/money.ts';
import type { Instant } from '../../../services/shared/time.ts';
import { evolve } from './evolve.ts';
import { isCreditOf } from './evolve-invoices.ts';
import { creditLine } from './proration.ts';
import type { ChargedItem, InvoiceRequest, RequestedLine, Subscription, SubscriptionEvent } from './subscription.ts';

/**
 * The invariant that these events would break, in a sentence for an operator, or undefined. The
 * decisions keep the invariants by themselves: a violation is a bug, and is stopped before it takes
 * or returns money.
 */
export function violation(before: Subscription | undefined, after: Subscription, events: readonly SubscriptionEvent[]): string | undefined {
  let state = before;
  for (const event of events) {
    const next = evolve(state, event);
    const broken = brokenBy(state, event, next);
    if (broken !== undefined) return `${event.type} (${next.sequence}): ${broken}`;
    state = next;
  }
  return state?.sequence === after.sequence
    ? undefined
    : `the sequence is ${after.sequence}, but the events lead to ${state?.sequence ?? 0}`;
}

function brokenBy(before: Subscription | undefined, event: SubscriptionEvent, after: Subscription): string | undefined {
  const invoice = 'invoice' in event ? event.invoice : null;
  if (before === undefined) return undefined;
  return (
    brokenTime(before, after, invoice) ??
    (invoice === null
      ? undefined
      : (brokenInvoice(before, invoice) ?? brokenCoverage(before, invoice) ?? brokenArrears(before, invoice))) ??
    (event.type === 'subscription.ended' ? brokenReturn(before, event.refunds) : undefined) ??
    brokenCredit(after)
  );
}

/**
 * Paid-through moves back only where the time behind it is credited or charged again, or the
 * subscription restarts. The number of a period never falls.
 */
function brokenTime(before: Subscription, after: Subscription, invoice: InvoiceRequest | null): string | undefined {
  if (after.period !== null && after.period.start >= after.period.end)
    return `the period from ${after.period.start} does not end after its start`;
  if ((after.period?.number ?? 0) < (before.period?.number ?? 0)) return 'the number of the period falls';
  if (before.billedThrough !== null && after.billedThrough !== null && after.billedThrough < before.billedThrough)
    return `the billed time moves back from ${before.billedThrough} to ${after.billedThrough}`;
  if (before.paidThrough === null || before.endedAt !== null || (after.paidThrough !== null && after.paidThrough >= before.paidThrough))
    return undefined;
  const isReopened = invoice?.lines.some(({ explanation }) => explanation.rule !== 'blocked-time');
  return isReopened ? undefined : `paid through ${before.paidThrough} moves back to ${after.paidThrough}`;
}

function brokenInvoice(before: Subscription, invoice: InvoiceRequest): string | undefined {
  const { currency, lines } = invoice;
  if (currency !== before.terms.plan.price.currency)
    return `an invoice in ${currency} for a subscription in ${before.terms.plan.price.currency}`;
  const wrong = lines.find((line) => !isExplained(line));
  if (wrong !== undefined) return `a line of ${wrong.amount} does not match its explanation`;
  if (!isCountable(lines.map(({ amount }) => ({ amount: Math.abs(amount), times: 1 }))))
    return 'the lines of an invoice cannot be added up';
  const excessive = brokenReturn(before, lines);
  if (excessive !== undefined) return excessive;
  const undiscounted = brokenDiscount(invoice);
  if (undiscounted !== undefined) return undiscounted;
  const charges = new Set([...before.charged, ...(before.promisedReturns ?? [])].map(({ invoiceId }) => invoiceId));
  const unfounded = lines.find(({ creditedInvoiceId }) => typeof creditedInvoiceId === 'string' && !charges.has(creditedInvoiceId));
  return unfounded && `a credit for ${unfounded.creditedInvoiceId}, which charged nothing in this period`;
}

/**
 * A charge is exactly its share. A credit is at most its share, for less may be left of the charge.
 */
function isExplained({ kind, amount, explanation: { base, numerator, denominator } }: RequestedLine): boolean {
  const share = portion(base, numerator, denominator);
  return Number.isSafeInteger(amount) && (kind === 'credit' ? amount < 0 && -amount <= share : amount === share);
}

/** Discounts are spread over the lines to the cent, and none exceeds its line. */
function brokenDiscount({ lines, discounts }: InvoiceRequest): string | undefined {
  const wrong = lines.find(({ amount, discount }) => discount < 0 || discount > Math.max(0, amount));
  if (wrong !== undefined) return `a discount of ${wrong.discount} is on a line of ${wrong.amount}`;
  const spread = lines.reduce((total, { discount }) => total + discount, 0);
  const given = discounts.reduce((total, { amount }) => total + amount, 0);
  return spread === given ? undefined : `the discounts are ${given}, but the lines hold ${spread}`;
}

/** No item returns more than is left of its charge. */
function brokenReturn({ charged }: Subscription, lines: readonly RequestedLine[]): string | undefined {
  const excessive = charged.find((item) => creditOf(item, lines) > item.amount - item.credited);
  return excessive && `more is credited than was charged by ${excessive.invoiceId}`;
}

const creditOf = (item: ChargedItem, lines: readonly RequestedLine[]): number =>
  lines.reduce((total, line) => (isCreditOf(line, item) ? total - line.amount : total), 0);

/**
 * Time is charged once: where a plan or an add-on is charged, no earlier charge for the same item
 * still has value, unless it is returned.
 */
function brokenCoverage(before: Subscription, { lines }: InvoiceRequest): string | undefined {
  const isReturned = (item: ChargedItem, start: Instant) =>
    lines.some((line) => isCreditOf(line, item) && line.explanation.rule !== 'blocked-time' && line.period.start <= start);
  const isSamePlace = (item: ChargedItem, { kind, planId }: RequestedLine) =>
    item.kind === kind && (kind === 'recurring' || item.terms.plan.planId === planId);
  const doubled = lines.find((line) =>
    before.charged.some((item) => {
      const { start } = line.period;
      return isSamePlace(item, line) && creditLine(item, 'unused-time', before, start) !== undefined && !isReturned(item, start);
    }),
  );
  return doubled && `${doubled.period.start} to ${doubled.period.end} is charged twice`;
}

/** In arrears no time is billed twice, and no time without access. */
function brokenArrears({ billedThrough, blocked }: Subscription, { lines }: InvoiceRequest): string | undefined {
  if (billedThrough === null) return undefined;
  const used = lines.filter(({ kind }) => kind === 'recurring').map(({ period }) => period);
  const doubled = used.find(({ start }, index) => start < (used[index - 1]?.end ?? billedThrough));
  if (doubled !== undefined) return `${doubled.start} to ${doubled.end} is billed twice`;
  const withoutAccess = used.find(({ start, end }) => blocked.some((gap) => gap.start < end && start < gap.end));
  return withoutAccess && `${withoutAccess.start} to ${withoutAccess.end} is billed, but there was no access`;
}

function brokenCredit({ charged }: Subscription): string | undefined {
  const excessive = charged.find(({ amount, credited }) => credited < 0 || credited > amount);
  return excessive && `${excessive.credited} of ${excessive.amount} is credited on ${excessive.invoiceId}`;
}
