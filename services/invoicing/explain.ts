import type { Invoice } from './invoice.ts';

/** Why each line costs what it costs: the event, rule, day count, fraction and price version behind it, as stored with the line. */
export const explain = (invoice: Invoice) => ({
  invoiceId: invoice._id,
  number: invoice.number,
  cause: invoice.cause,
  event: invoice.causeEvent,
  currency: invoice.currency,
  tax: { behaviour: invoice.taxBehaviour, reason: invoice.taxReason },
  lines: invoice.lines.map(({ kind, description, amount, quantity, period, planId, planVersion, taxRate, tax, explanation }) => ({
    kind,
    description,
    amount,
    quantity,
    period,
    planId,
    planVersion,
    taxRate,
    tax,
    event: invoice.causeEvent,
    ...explanation,
  })),
});
