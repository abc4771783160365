import type { Invoice } from './invoice.ts';

/** Why each line costs what it costs: the event, rule, day count, fraction, price version and coupons behind it, and its tax, as stored. */
export const explainInvoice = (invoice: Invoice) => ({
  invoiceId: invoice._id,
  number: invoice.number,
  cause: invoice.cause,
  event: invoice.causeEvent,
  currency: invoice.currency,
  seller: invoice.seller.id,
  tax: { behaviour: invoice.taxBehaviour, totals: invoice.taxes },
  lines: invoice.lines.map(({ explanation, net, ...line }, index) => ({
    ...line,
    net,
    discounts: invoice.discounts.flatMap(({ couponId, percent, base, shares }) =>
      shares[index] ? [{ couponId, percent, base, share: shares[index] }] : [],
    ),
    event: invoice.causeEvent,
    ...explanation,
  })),
});
