import { paymentIdOf } from '../shared/ids.ts';
import type { Platform } from '../shared/service.ts';
import { checkFunds, withFunds } from './funds.ts';
import type { AppliedFunds, Invoice } from './invoice.ts';
import { amountRemaining, amountReopened, hasFunds } from './invoice-balance.ts';
import { eventsCausedBy } from './invoice-resource.ts';
import type { InvoiceStore } from './store.ts';

/** Where a settlement comes from: what can be put aside for an invoice, and how it is given back when its payment could not be taken back. */
export type FundsSource = {
  readonly reserve: (invoice: Invoice) => Promise<AppliedFunds | undefined>;
  readonly release: (invoice: Invoice) => Promise<void>;
};

export type FundsApplier = {
  /** Pays an open invoice, or part of it, from a fund. Answers the invoice as it is then: without the settlement where its payment is under way. */
  readonly apply: (invoice: Invoice, mark: NonNullable<Invoice['settling']>, fund: FundsSource) => Promise<Invoice>;
};

const millisToWaitForClock = 15_000;

/**
 * An invoice is settled only after its payment was taken back from the gateway, or made smaller, so that nobody pays twice: the invoice
 * notes what is about to happen, the fund puts it aside, the payment gives way, then the invoice is settled. A payment that is under way
 * stays, and the fund gets back what it gave. Every step is kept under the settlement's id, so a repeat goes on where it stopped.
 */
export function createFundsApplier(platform: Platform, invoices: InvoiceStore): FundsApplier {
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
    apply: async (invoice, mark, fund) => {
      const marked = await change(invoice, (stored) =>
        checkFunds(stored, { id: mark.id, amount: mark.manual?.amount ?? 0 }).ok ? { ...stored, settling: mark } : stored,
      );
      if (marked.settling?.id !== mark.id) return marked;
      const settlement = await fund.reserve(marked);
      if (settlement === undefined) return announce(marked);
      const known = hasFunds(marked, settlement.id);
      const gaveWay = known || (await lowerPayment(platform, marked, amountRemaining(marked) - settlement.amount));
      const after = gaveWay ? await change(marked, (stored) => withFunds(stored, settlement)) : await release(marked);
      if (hasFunds(after, settlement.id)) return announce(after);
      await fund.release(after);
      return release(after);
    },
  };
}

/** Money that has arrived already: nothing has to be put aside, and nothing given back. */
export const offlineFunds = (settlement: AppliedFunds): FundsSource => ({ reserve: async () => settlement, release: async () => {} });

/**
 * True once the payment cannot be charged for more than this any more; false while its outcome is open. One that was paid and given back is
 * charged never again.
 */
async function lowerPayment({ invoke }: Platform, invoice: Invoice, amount: number): Promise<boolean> {
  const { _id } = invoice;
  if (amountReopened(invoice) > 0) return true;
  const answer = await invoke('payment', 'post', `payments/${encodeURIComponent(paymentIdOf(_id))}/owe`, { amount });
  return (answer as { agreed?: boolean } | undefined)?.agreed === true;
}
