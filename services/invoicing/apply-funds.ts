import { paymentIdOf } from '../shared/ids.ts';
import type { Platform } from '../shared/service.ts';
import { checkFunds, withFunds } from './funds.ts';
import type { AppliedFunds, Invoice, PendingFunds } from './invoice.ts';
import { amountRemaining, amountReopened, hasFunds } from './invoice-balance.ts';
import { eventsCausedBy } from './invoice-resource.ts';
import type { InvoiceStore } from './store.ts';

/** A source of funds: account credit, or money that has arrived offline. */
export type FundsSource = {
  /**
   * Reserves funds for an invoice; undefined where there are none. A repeat returns the same ones.
   */
  readonly reserve: (invoice: Invoice) => Promise<AppliedFunds | undefined>;
  /** Returns what was reserved, because the payment of the invoice could not be lowered. */
  readonly release: (invoice: Invoice) => Promise<void>;
};

export type FundsApplier = {
  /**
   * Pays an open invoice, or part of it, from a source. Returns the invoice as it is afterwards:
   * without these funds where its payment is under way.
   */
  readonly apply: (invoice: Invoice, pending: PendingFunds, source: FundsSource) => Promise<Invoice>;
};

const millisToWaitForClock = 15_000;

/**
 * Funds are applied only after the payment of the invoice was cancelled at the gateway or lowered,
 * so that no customer pays twice: the invoice notes the pending funds, the source reserves them,
 * the payment is lowered, then the funds are applied. A payment that is under way stays, and the
 * source gets its reservation back. Every step is kept under the id of the funds, so a repeat
 * continues where the last one stopped.
 */
export function createFundsApplier(platform: Platform, invoices: InvoiceStore): FundsApplier {
  const change = async ({ _id }: Invoice, decide: (invoice: Invoice) => Invoice): Promise<Invoice> =>
    (await invoices.change([_id], decide)).get(_id) as Invoice;

  const clearPending = (invoice: Invoice) => change(invoice, (stored) => (stored.settling ? { ...stored, settling: null } : stored));

  /**
   * Publishes the events of all applied funds again, because a crash may have lost the last ones.
   */
  const publish = async (invoice: Invoice): Promise<Invoice> => {
    const events = (invoice.settlements ?? []).flatMap(({ id }) => eventsCausedBy(invoice, id));
    if (events.length > 0) await platform.publish(events);
    const after = await clearPending(invoice);
    const eventIds = events.map(({ id }) => id);
    if (invoice.testClock !== null) await platform.settlement.settled(eventIds, millisToWaitForClock);
    return after;
  };

  return {
    apply: async (invoice, pending, source) => {
      const noted = await change(invoice, (stored) =>
        checkFunds(stored, { id: pending.id, amount: pending.manual?.amount ?? 0 }).ok ? { ...stored, settling: pending } : stored,
      );
      if (noted.settling?.id !== pending.id) return noted;
      const funds = await source.reserve(noted);
      if (funds === undefined) return publish(noted);
      const isLowered = hasFunds(noted, funds.id) || (await lowerPayment(platform, noted, amountRemaining(noted) - funds.amount));
      const after = isLowered ? await change(noted, (stored) => withFunds(stored, funds)) : await clearPending(noted);
      if (hasFunds(after, funds.id)) return publish(after);
      await source.release(after);
      return clearPending(after);
    },
  };
}

/** Money that has already arrived: there is nothing to reserve and nothing to release. */
export const offlineFunds = (funds: AppliedFunds): FundsSource => ({ reserve: async () => funds, release: async () => {} });

/**
 * True once the payment can no longer charge more than this amount in minor units; false while its
 * outcome is open. The gateway never charges a reopened invoice again, so there is nothing to
 * lower.
 */
async function lowerPayment({ invoke }: Platform, invoice: Invoice, amount: number): Promise<boolean> {
  if (amountReopened(invoice) > 0) return true;
  const response = await invoke('payment', 'post', `payments/${encodeURIComponent(paymentIdOf(invoice._id))}/owe`, { amount });
  return (response as { agreed?: boolean } | undefined)?.agreed === true;
}
