import { randomUUID } from 'node:crypto';
import { paymentIdOf } from '../shared/ids.ts';
import type { Platform } from '../shared/service.ts';
import { holds, withFunds, withHeldFunds, withoutHolder, withReturningFunds } from './funds.ts';
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
   * without these funds where its payment is under way, or where others are applying funds now.
   */
  readonly apply: (invoice: Invoice, pending: PendingFunds, source: FundsSource) => Promise<Invoice>;
};

const millisToWaitForClock = 15_000;

/**
 * Funds are applied only after the payment of the invoice was cancelled at the gateway or lowered,
 * so that no customer pays twice: the invoice notes the pending funds and who holds them, the
 * source reserves them, the payment is lowered, then the funds are applied. A payment that is under
 * way stays, and the source gets its reservation back. Of two processes that have the same funds
 * before them only the holder does either. Every step is kept under the id of the funds, so a
 * repeat continues where the last one stopped.
 */
export function createFundsApplier(platform: Platform, invoices: InvoiceStore): FundsApplier {
  const change = async ({ _id }: Invoice, decide: (invoice: Invoice) => Invoice): Promise<Invoice> =>
    (await invoices.change([_id], decide)).get(_id) as Invoice;

  const clearPending = (invoice: Invoice, token: string) =>
    change(invoice, (stored) => (holds(stored, token) ? { ...stored, settling: null } : stored));

  /**
   * Publishes the events of all applied funds again, because a crash may have lost the last ones.
   */
  const publish = async (invoice: Invoice, token: string): Promise<Invoice> => {
    const events = (invoice.settlements ?? []).flatMap(({ id }) => eventsCausedBy(invoice, id));
    if (events.length > 0) await platform.publish(events);
    const after = await clearPending(invoice, token);
    const eventIds = events.map(({ id }) => id);
    if (invoice.testClock !== null) await platform.settlement.settled(eventIds, millisToWaitForClock);
    return after;
  };

  const giveBack = async (invoice: Invoice, token: string, fundsId: string, source: FundsSource): Promise<Invoice> => {
    const returning = await change(invoice, (stored) => withReturningFunds(stored, token, fundsId));
    if (!holds(returning, token) || !returning.settling?.isReturning) return returning;
    await source.release(returning);
    return clearPending(returning, token);
  };

  const applyHeld = async (noted: Invoice, token: string, source: FundsSource): Promise<Invoice> => {
    const { id, isReturning = false } = noted.settling as PendingFunds;
    if (isReturning) return giveBack(noted, token, id, source);
    const funds = await source.reserve(noted);
    if (funds === undefined) return publish(noted, token);
    const isLowered = hasFunds(noted, funds.id) || (await lowerPayment(platform, noted, amountRemaining(noted) - funds.amount));
    if (!isLowered) return giveBack(noted, token, funds.id, source);
    const after = await change(noted, (stored) => (holds(stored, token) ? withFunds(stored, funds) : stored));
    return hasFunds(after, funds.id) ? publish(after, token) : giveBack(after, token, funds.id, source);
  };

  return {
    apply: async (invoice, pending, source) => {
      const token = randomUUID();
      const noted = await change(invoice, (stored) => withHeldFunds(stored, pending, token, platform.now()));
      if (!holds(noted, token)) return noted;
      try {
        return await applyHeld(noted, token, source);
      } catch (error) {
        await change(noted, (stored) => withoutHolder(stored, token)).catch((err: Error) =>
          platform.log.warn({ invoice: invoice._id, err }, 'pending funds not released, others wait for them'),
        );
        throw error;
      }
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
