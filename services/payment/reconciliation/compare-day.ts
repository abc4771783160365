import { paymentIdOf } from '../../shared/ids.ts';
import { sumOf } from '../../shared/money.ts';
import type { Platform } from '../../shared/service.ts';
import type { Period } from '../../shared/time.ts';
import { isUnsettled } from '../charging/attempt.ts';
import type { ConsolidatedStore } from '../charging/consolidated/consolidated-store.ts';
import type { Gateway, GatewayCharge, GatewayPage, LedgerRefund } from '../gateways/gateway.ts';
import { type Gateways, gatewayOf } from '../gateways/gateways.ts';
import type { Payment } from '../payment.ts';
import { refundOf } from '../refunds/refund.ts';
import type { PaymentStore } from '../store.ts';
import { paymentOfReference } from '../webhooks/webhook.ts';
import type { Difference, InvoiceFacts, RequestedInvoice } from './difference.ts';
import {
  chargeDifferences,
  invoiceDifferences,
  isPaidBy,
  missingDifference,
  paymentDifferences,
  recordedRefundDifferences,
  recordOf,
  refundDifferences,
  stuckDifferences,
} from './find-differences.ts';
import { invoiceFacts, paidInvoices, requestedInvoices, unaware } from './service-queries.ts';
import { type Summary, type Totals, withAmounts, withDifferences } from './summary.ts';

export type LedgerParts = {
  readonly platform: Platform;
  readonly store: PaymentStore;
  readonly consolidatedPayments: ConsolidatedStore;
  readonly gateways: Gateways;
};

/** Keeps differences as they are found, so that a day of any size is walked in bounded memory. */
export type Keep = (differences: readonly Difference[]) => Promise<void>;

/**
 * Compares the ledgers of a period of a day or less, each side page by page against the other as it is now, so that what one side dates a
 * moment before the period and the other within it is no difference. Reads only. Throws on an outage; then it is to be done again.
 */
export async function reconcilePeriod(parts: LedgerParts, period: Period, before: Summary, keep: Keep): Promise<Summary> {
  const walk = createWalk(parts, period, before, keep);
  for (const gateway of parts.gateways.values()) {
    for await (const charges of pagesOf((cursor) => gateway.charges(period, cursor))) await walk.charges(gateway, charges);
    for await (const refunds of pagesOf((cursor) => gateway.refunds(period, cursor))) await walk.refunds(gateway, refunds);
  }
  const within = { $gte: period.start, $lt: period.end };
  for await (const payments of parts.store.pages({ status: 'succeeded', settledAt: within })) await walk.payments(payments);
  for await (const payments of parts.store.pages({ 'refunds.settledAt': within })) await walk.recordedRefunds(payments);
  for await (const invoices of pagesOf((cursor) => paidInvoices(parts.platform, period, cursor))) await walk.invoices(invoices);
  for await (const asked of pagesOf((cursor) => requestedInvoices(parts.platform, period, cursor))) await walk.asked(asked);
  return walk.summary();
}

/** Payments that have had no outcome for too long, whenever that began before `end`. */
export async function reconcileStuck({ platform, store }: LedgerParts, end: string, before: Summary, keep: Keep): Promise<Summary> {
  let summary = before;
  for await (const payments of store.pages({ status: 'processing', processingSince: { $lt: end } })) {
    const found = payments.flatMap((payment) => stuckDifferences(payment, platform.now()));
    await keep(found);
    summary = { ...summary, differences: withDifferences(summary.differences, found) };
  }
  return summary;
}

function createWalk(parts: LedgerParts, period: Period, before: Summary, keep: Keep) {
  const { platform, store, gateways } = parts;
  let summary = before;
  /** What the gateways told of, and what is named already though another side shows it too: no more than a day has. */
  const seen = new Set<string>();
  const named = new Set<string>();

  const note = async (found: readonly Difference[]): Promise<void> => {
    const fresh = found.filter((difference) => {
      const lack = missingRecordOf(difference);
      return lack === undefined || !named.has(lack);
    });
    for (const lack of fresh.map(missingRecordOf)) if (lack !== undefined) named.add(lack);
    summary = { ...summary, differences: withDifferences(summary.differences, fresh) };
    await keep(fresh);
  };
  const add = (currency: string, more: Partial<Totals>): void => {
    summary = { ...summary, totals: withAmounts(summary.totals, currency, more) };
  };
  const count = (what: 'charges' | 'refunds' | 'payments' | 'invoices', rows: readonly unknown[]): void => {
    summary = { ...summary, [what]: summary[what] + rows.length };
  };

  /** How a payment's intent stands. Money by hand, and a gateway that is switched off, have nobody to ask. */
  const stateAtGateway = async (payment: Payment): Promise<string> => {
    const { gateway, invoiceId: reference, customerId, intentId } = payment;
    if (!gateways.has(gateway) || seen.has(`${gateway}:${intentId}`)) return 'succeeded';
    if (intentId === null) return 'absent';
    const outcome = await gatewayOf(gateways, gateway).lookUp({ reference, customerId }, intentId, platform.now());
    if (outcome.kind === 'unavailable' && outcome.code === 'gateway-request-refused') return 'absent';
    if (isUnsettled(outcome)) throw new Error(`the gateway ${gateway} does not tell of ${intentId}`);
    return outcome.kind;
  };

  const recordedRefund = async (payment: Payment, refundId: string): Promise<void> => {
    const refund = refundOf(payment, refundId);
    if (refund?.status !== 'succeeded' || refund.to !== 'method' || !gateways.has(payment.gateway) || seen.has(refund.id)) return;
    if (refund.settledAt === null || refund.settledAt < period.start || refund.settledAt >= period.end) return;
    const order = { reference: refund.id, intentId: payment.intentId ?? '', amount: refund.amount };
    const { kind } = await gatewayOf(gateways, payment.gateway).lookUpRefund(order, refund.gatewayRefundId);
    if (isUnsettled({ kind })) throw new Error(`the gateway ${payment.gateway} does not tell of ${refund.id}`);
    const found = recordedRefundDifferences(payment, refund, kind);
    if (found.length > 0) add(payment.currency, { paymentsRefunded: refund.amount });
    await note(found);
  };

  return {
    summary: () => summary,
    charges: async (gateway: Gateway, charges: readonly GatewayCharge[]) => {
      count('charges', charges);
      const { idsOf, payments } = await paymentsOf(
        parts,
        charges.map(({ reference }) => reference),
      );
      for (const charge of charges) {
        seen.add(`${gateway.name}:${charge.intentId}`);
        const ids = idsOf(charge.reference);
        const paid = ids.flatMap((id) => payments.get(id) ?? []).filter((payment) => isPaidBy(payment, charge));
        const paymentsCharged = gateway.counted({ amount: sumOf(paid.map(({ amount }) => amount)), currency: charge.currency });
        add(charge.currency, { gatewayCharged: charge.amount, paymentsCharged });
        await note(chargeDifferences(gateway, charge, ids, payments));
      }
    },
    refunds: async (gateway: Gateway, refunds: readonly LedgerRefund[]) => {
      count('refunds', refunds);
      const { idsOf, payments } = await paymentsOf(
        parts,
        refunds.map(({ chargeReference }) => chargeReference),
      );
      for (const refund of refunds) {
        const ofCharge = idsOf(refund.chargeReference).flatMap((id) => payments.get(id) ?? []);
        const { id, amount = 0 } = recordOf(refund, ofCharge) ?? {};
        if (id !== undefined) seen.add(id);
        const paymentsRefunded = gateway.counted({ amount, currency: refund.currency });
        add(refund.currency, { gatewayRefunded: refund.amount, paymentsRefunded });
        await note(refundDifferences(gateway, refund, ofCharge));
      }
    },
    payments: async (payments: readonly Payment[]) => {
      count('payments', payments);
      const invoices = await invoiceFacts(
        platform,
        payments.map(({ invoiceId }) => invoiceId),
      );
      const awaited = await unaware(
        platform,
        payments.filter(({ invoiceId }) => invoices.get(invoiceId)?.status === 'paid'),
      );
      for (const payment of payments) {
        const state = await stateAtGateway(payment);
        if (state !== 'succeeded') add(payment.currency, { paymentsCharged: payment.amount });
        await note(paymentDifferences(payment, state, invoices.get(payment.invoiceId), awaited.has(payment.invoiceId)));
      }
    },
    recordedRefunds: async (payments: readonly Payment[]) => {
      for (const payment of payments) for (const { id } of payment.refunds ?? []) await recordedRefund(payment, id);
    },
    invoices: async (invoices: readonly InvoiceFacts[]) => {
      count('invoices', invoices);
      const payments = await store.find(invoices.map(({ id }) => paymentIdOf(id)));
      await note(invoices.flatMap((invoice) => invoiceDifferences(invoice, payments.get(paymentIdOf(invoice.id)))));
    },
    asked: async (asked: readonly RequestedInvoice[]) => {
      const invoices = await invoiceFacts(
        platform,
        asked.map(({ invoiceId }) => invoiceId),
      );
      await note(asked.filter(({ invoiceId }) => !invoices.has(invoiceId)).map(missingDifference));
    },
  };
}

/** What is not there, for a difference that more than one side shows. */
function missingRecordOf({ kind, paymentId, invoiceId }: Difference): string | undefined {
  if (kind === 'charge-without-payment' || kind === 'invoice-paid-without-payment') return paymentId ?? undefined;
  return kind === 'invoice-missing' ? (invoiceId ?? undefined) : undefined;
}

async function* pagesOf<Row>(fetch: (cursor: string | null) => Promise<GatewayPage<Row>>): AsyncGenerator<readonly Row[]> {
  for (let cursor: string | null = null; ; ) {
    const { rows, next }: GatewayPage<Row> = await fetch(cursor);
    if (rows.length > 0) yield rows;
    if (next === null) return;
    cursor = next;
  }
}

/** The payments that charges are for: one each, or those that were charged together. */
async function paymentsOf({ store, consolidatedPayments }: LedgerParts, references: readonly string[]) {
  const ids = new Map<string, readonly string[]>();
  const own = await store.find(references.map(paymentOfReference));
  for (const reference of references) {
    const id = paymentOfReference(reference);
    ids.set(reference, own.has(id) ? [id] : await consolidatedPayments.paymentIdsOf(reference));
  }
  const others = [...ids.values()].flat().filter((id) => !own.has(id));
  const payments = new Map([...own, ...(await store.find(others))]);
  return { idsOf: (reference: string) => ids.get(reference) ?? [], payments };
}
