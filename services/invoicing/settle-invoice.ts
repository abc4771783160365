import { paymentIdOf } from '../shared/ids.ts';
import type { Platform } from '../shared/service.ts';
import type { Invoice, Settlement } from './invoice.ts';
import { amountRemaining, amountReopened, isSettledBy } from './invoice-balance.ts';
import { eventsCausedBy } from './invoice-resource.ts';
import { settleable, withSettlement } from './settlement.ts';
import type { InvoiceStore } from './store.ts';

/** Where a settlement comes from: what can be put aside for an invoice, and how it is given back when its payment could not be taken back. */
export type Fund = {
  readonly take: (invoice: Invoice) => Promise<Settlement | undefined>;
  readonly giveBack: (invoice: Invoice) => Promise<void>;
};

export type Settling = {
  /** Pays an open invoice, or part of it, from a fund. Answers the invoice as it is then: without the settlement where its payment is under way. */
  readonly settle: (invoice: Invoice, mark: NonNullable<Invoice['settling']>, fund: Fund) => Promise<Invoice>;
};

const millisToWaitForClock = 15_000;

/**
 * An invoice is settled only after its payment was taken back from the gateway, or made smaller, so that nobody pays twice: the invoice
 * notes what is about to happen, the fund puts it aside, the payment gives way, then the invoice is settled. A payment that is under way
 * stays, and the fund gets back what it gave. Every step is kept under the settlement's id, so a repeat goes on where it stopped.
 */
export function createSettling(platform: Platform, invoices: InvoiceStore): Settling {
  const change = async ({ _id }: Invoice, decide: (invoice: Invoice) => Invoice): Promise<Invoice> =>
    (await invoices.change([_id], decide)).get(_id) as Invoice;

  const release = (invoice: Invoice) => change(invoice, (stored) => (stored.settling ? { ...stored, settling: null } : stored));

  /** Tells of every settlement of the invoice, under the same ids as ever: a crash may have kept the last one from being told. */
  const announce = async (invoice: Invoice): Promise<Invoice> => {
    const events = (invoice.settlements ?? []).flatMap(({ id }) => eventsCausedBy(invoice, id));
    if (events.length > 0) await platform.publish(events);
    const after = await release(invoice);
    if (invoice.testClock !== null)
      await platform.settlement.settled(
        events.map(({ id }) => id),
        millisToWaitForClock,
      );
    return after;
  };

  return {
    settle: async (invoice, mark, fund) => {
      const marked = await change(invoice, (stored) =>
        settleable(stored, { id: mark.id, amount: mark.manual?.amount ?? 0 }).ok ? { ...stored, settling: mark } : stored,
      );
      if (marked.settling?.id !== mark.id) return marked;
      const settlement = await fund.take(marked);
      if (settlement === undefined) return announce(marked);
      const known = isSettledBy(marked, settlement.id);
      const gaveWay = known || (await owe(platform, marked, amountRemaining(marked) - settlement.amount));
      const after = gaveWay ? await change(marked, (stored) => withSettlement(stored, settlement)) : await release(marked);
      if (isSettledBy(after, settlement.id)) return announce(after);
      await fund.giveBack(after);
      return release(after);
    },
  };
}

/** Money that has arrived already: nothing has to be put aside, and nothing given back. */
export const settledManually = (settlement: Settlement): Fund => ({ take: async () => settlement, giveBack: async () => {} });

/**
 * True once the payment cannot be charged for more than this any more; false while its outcome is open. One that was paid and given back is
 * charged never again.
 */
async function owe({ invoke }: Platform, invoice: Invoice, amount: number): Promise<boolean> {
  const { _id } = invoice;
  if (amountReopened(invoice) > 0) return true;
  const answer = await invoke('payment', 'post', `payments/${encodeURIComponent(paymentIdOf(_id))}/owe`, { amount });
  return (answer as { agreed?: boolean } | undefined)?.agreed === true;
}
