import type { Difference } from '../../shared/contracts/difference-resource.ts';
import { paymentIdOf } from '../../shared/ids.ts';
import { sumOf } from '../../shared/money.ts';
import type { Platform } from '../../shared/service.ts';
import type { Period } from '../../shared/time.ts';
import { isUnsettled } from '../charging/attempt-outcome.ts';
import type { ConsolidatedStore } from '../charging/consolidated/consolidated-store.ts';
import type { Gateway } from '../gateways/gateway.ts';
import type { GatewayCharge, GatewayPage, LedgerRefund } from '../gateways/gateway-ledger.ts';
import { type Gateways, gatewayOf } from '../gateways/gateways.ts';
import type { Payment } from '../payment.ts';
import { refundOf } from '../refunds/refund.ts';
import type { PaymentStore } from '../store.ts';
import { paymentOfReference } from '../webhooks/webhook.ts';
import type { InvoiceFacts, RequestedInvoice } from './difference.ts';
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
import { invoiceFacts, paidInvoices, requestedInvoices, unawareInvoices } from './service-queries.ts';
import { type Summary, type Totals, withAmounts, withDifferences } from './summary.ts';

export type LedgerParts = {
  readonly platform: Platform;
  readonly store: PaymentStore;
  readonly consolidatedPayments: ConsolidatedStore;
  readonly gateways: Gateways;
};

/** Saves differences as they are found, so that a day of any size is compared in bounded memory. */
export type SaveDifferences = (differences: readonly Difference[]) => Promise<void>;

/**
 * Compares the ledgers of a half-open period of at most a day. Each side is read page by page and
 * looked up on the other side as it is now, so that two dates a moment apart are no difference.
 * Only reads. Throws on an outage; the period then has to be compared again.
 */
export async function reconcilePeriod(parts: LedgerParts, period: Period, before: Summary, save: SaveDifferences): Promise<Summary> {
  const comparison = createComparison(parts, period, before, save);
  for (const gateway of parts.gateways.values()) {
    for await (const charges of pagesOf((cursor) => gateway.charges(period, cursor))) await comparison.charges(gateway, charges);
    for await (const refunds of pagesOf((cursor) => gateway.refunds(period, cursor))) await comparison.refunds(gateway, refunds);
  }
  const within = { $gte: period.start, $lt: period.end };
  for await (const payments of parts.store.pages({ status: 'succeeded', settledAt: within })) await comparison.payments(payments);
  for await (const payments of parts.store.pages({ 'refunds.settledAt': within })) await comparison.recordedRefunds(payments);
  for await (const invoices of pagesOf((cursor) => paidInvoices(parts.platform, period, cursor))) await comparison.invoices(invoices);
  for await (const requested of pagesOf((cursor) => requestedInvoices(parts.platform, period, cursor)))
    await comparison.requested(requested);
  return comparison.summary();
}

/** Finds payments that have had no outcome for too long, since any time before `end`. */
export async function reconcileStuck(
  { platform, store }: LedgerParts,
  end: string,
  before: Summary,
  save: SaveDifferences,
): Promise<Summary> {
  let summary = before;
  for await (const payments of store.pages({ status: 'processing', processingSince: { $lt: end } })) {
    const found = payments.flatMap((payment) => stuckDifferences(payment, platform.now()));
    await save(found);
    summary = { ...summary, differences: withDifferences(summary.differences, found) };
  }
  return summary;
}

function createComparison(parts: LedgerParts, period: Period, before: Summary, save: SaveDifferences) {
  const { platform, store, gateways } = parts;
  let summary = before;
  /**
   * Records of the gateways that were compared, and missing records that are reported: both at most
   * of one day.
   */
  const seen = new Set<string>();
  const reported = new Set<string>();

  const note = async (found: readonly Difference[]): Promise<void> => {
    const fresh = found.filter((difference) => {
      const missing = missingRecordOf(difference);
      return missing === undefined || !reported.has(missing);
    });
    for (const missing of fresh.map(missingRecordOf)) if (missing !== undefined) reported.add(missing);
    summary = { ...summary, differences: withDifferences(summary.differences, fresh) };
    await save(fresh);
  };
  const add = (currency: string, more: Partial<Totals>): void => {
    summary = { ...summary, totals: withAmounts(summary.totals, currency, more) };
  };
  const count = (side: 'charges' | 'refunds' | 'payments' | 'invoices', rows: readonly unknown[]): void => {
    summary = { ...summary, [side]: summary[side] + rows.length };
  };

  /**
   * The status of a payment's intent. Offline payments and gateways that are not configured count
   * as succeeded.
   */
  const stateAtGateway = async (payment: Payment): Promise<string> => {
    const { gateway, invoiceId: reference, customerId, intentId } = payment;
    if (!gateways.has(gateway) || seen.has(`${gateway}:${intentId}`)) return 'succeeded';
    if (intentId === null) return 'absent';
    const outcome = await gatewayOf(gateways, gateway).lookUp({ reference, customerId }, intentId, platform.now());
    if (outcome.kind === 'unavailable' && outcome.code === 'gateway-request-refused') return 'absent';
    if (isUnsettled(outcome)) throw new Error(`the gateway ${gateway} does not respond about ${intentId}`);
    return outcome.kind;
  };

  const recordedRefund = async (payment: Payment, refundId: string): Promise<void> => {
    const refund = refundOf(payment, refundId);
    if (refund?.status !== 'succeeded' || refund.to !== 'method' || !gateways.has(payment.gateway) || seen.has(refund.id)) return;
    if (refund.settledAt === null || refund.settledAt < period.start || refund.settledAt >= period.end) return;
    const order = { reference: refund.id, intentId: payment.intentId ?? '', amount: refund.amount };
    const { kind } = await gatewayOf(gateways, payment.gateway).lookUpRefund(order, refund.gatewayRefundId);
    if (isUnsettled({ kind })) throw new Error(`the gateway ${payment.gateway} does not respond about ${refund.id}`);
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
      const awaited = await unawareInvoices(
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
    requested: async (requested: readonly RequestedInvoice[]) => {
      const invoices = await invoiceFacts(
        platform,
        requested.map(({ invoiceId }) => invoiceId),
      );
      await note(requested.filter(({ invoiceId }) => !invoices.has(invoiceId)).map(missingDifference));
    },
  };
}

/** The missing record of a difference that more than one side shows. */
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

/** The payments of charges: one for each, or all of a consolidation. */
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
