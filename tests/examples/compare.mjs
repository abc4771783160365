// @ts-nocheck An outside client is plain JavaScript.
import { DateTime } from 'luxon';

const statuses = {
  trialing: ['trialing'],
  active: ['active', 'trialing'],
  paused: ['paused'],
  cancelled: ['cancelled'],
  canceled: ['cancelled'],
  terminated: ['cancelled', 'expired'],
  expired: ['expired'],
  ended: ['cancelled', 'expired'],
};
const amounts = (lines, kinds) =>
  JSON.stringify(
    lines
      .filter(({ kind, amount }) => kinds.includes(kind) && amount !== 0)
      .map(({ amount }) => amount)
      .sort((a, b) => a - b),
  );

/**
 * An expectation without lines is about the total: credit of an earlier subscription of the same
 * customer may pay for all of it.
 */
const isPaidByCredit = (invoice, total) => invoice.amountDue === 0 && invoice.total === total;

/** Compares one expectation with the result of a case; returns a complaint or undefined. */
export function complaint(expected, seen) {
  const then = seen.sampled.get(expected.at);
  const day = /^\d{4}-/.test(expected.at) ? seen.at(expected.at).setZone(seen.zone).toISODate() : undefined;
  const issued = (invoice) => DateTime.fromISO(invoice.issuedAt, { zone: seen.zone }).toISODate();
  const that = seen.invoices.filter((invoice) => issued(invoice) === day);
  switch (expected.what) {
    case 'invoice': {
      const want = amounts(expected.lines ?? [], ['recurring', 'stub', 'trial', 'credit']);
      const fits = that.some((invoice) =>
        want === '[]'
          ? invoice.amountDue === expected.amount || isPaidByCredit(invoice, expected.amount)
          : invoice.amountDue === expected.amount && amounts(invoice.lines, ['recurring', 'credit', 'add-on']) === want,
      );
      if (fits || (expected.amount === 0 && want === '[]' && !that.length)) return undefined;
      const got =
        that.map((invoice) => `${invoice.amountDue} [${invoice.lines.map(({ amount }) => amount)}]`).join(' | ') ||
        `none; all: ${seen.invoices.map((invoice) => `${issued(invoice)}=${invoice.amountDue}`).join(' ')}`;
      return `${day}: want ${expected.amount} ${want}, got ${got}`;
    }
    case 'no_invoice':
      return !expected.after && that.some(({ amountDue }) => amountDue !== 0) ? `${day}: an invoice too many` : undefined;
    case 'invoice_count': {
      const until = expected.at?.length > 10 ? seen.at(expected.at) : undefined;
      const isIn = (invoice) => (until ? DateTime.fromISO(invoice.issuedAt) <= until : !day || issued(invoice) <= day);
      const count = seen.invoices.filter(isIn).length;
      return count === expected.value ? undefined : `${day}: ${count} invoices, want ${expected.value}`;
    }
    case 'next_billing': {
      const next = then?.nextBillingAt && DateTime.fromISO(then.nextBillingAt, { zone: seen.zone }).toISODate();
      return !expected.date || next === expected.date ? undefined : `next billing ${next}, want ${expected.date}`;
    }
    case 'state': {
      const got = then?.status;
      return expected.after || !statuses[expected.state] || statuses[expected.state].includes(got)
        ? undefined
        : `${day}: ${got}, want ${expected.state}`;
    }
    case 'credit_balance': {
      return then?.credit === expected.amount ? undefined : `${day}: credit ${then?.credit}, want ${expected.amount}`;
    }
    case 'quantity':
      return expected.after || then?.quantity === expected.value ? undefined : `quantity ${then?.quantity}, want ${expected.value}`;
    default:
      return undefined;
  }
}
