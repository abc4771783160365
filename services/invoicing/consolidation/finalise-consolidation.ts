import type { ConsolidatedInvoice } from '../../shared/contracts/invoice-resource.ts';
import { passes } from '../../shared/fault-points.ts';
import type { Instant } from '../../shared/time.ts';
import { applyCredit, returnExcess } from '../credit/apply-credit.ts';
import type { CreditStore } from '../credit/store.ts';
import { billedToOf, type Draft, draftWithTax, withNumberAndCredit } from '../draft.ts';
import type { Finalisation } from '../finalisation.ts';
import type { BilledTo, Invoice } from '../invoice.ts';
import { type Seller, sellerFor } from '../legal-entity/legal-entity.ts';
import type { LegalEntities } from '../legal-entity/store.ts';
import { seriesOf } from '../number-series.ts';
import type { NumberStore } from '../number-store.ts';
import type { InvoiceStore } from '../store.ts';
import type { TaxCalculator } from '../tax/tax-calculator.ts';
import type { ConsolidationBasis, HeldRequest, RenewalConsolidation } from './consolidation.ts';
import type { ConsolidationStore } from './store.ts';

export type ConsolidatedFinalisationParts = {
  readonly invoices: InvoiceStore;
  readonly numbers: NumberStore;
  readonly credits: CreditStore;
  readonly entities: LegalEntities;
  readonly consolidations: ConsolidationStore;
  readonly finalisation: Finalisation;
  readonly tax: TaxCalculator;
};

export type ConsolidatedFinalisation = {
  /**
   * Returns the invoices of a consolidation that no longer collects, in its order. A repeat returns
   * the same invoices and changes nothing.
   */
  readonly finalise: (consolidation: RenewalConsolidation) => Promise<readonly Invoice[]>;
  /**
   * Confirms numbers that a crash left assigned although their consolidation bears them, or
   * another.
   */
  readonly recover: () => Promise<void>;
};

/**
 * Number and account credit under derived ids, then the basis of the consolidation by
 * compare-and-set, then the invoices. All of them are made from the basis, so that a repeat after a
 * crash makes the same ones. A consolidation of one invoice is an ordinary invoice.
 */
export function createConsolidatedFinalisation(ledgers: ConsolidatedFinalisationParts): ConsolidatedFinalisation {
  const { invoices, numbers, credits, entities, consolidations, finalisation, tax } = ledgers;

  const finalise = async (consolidation: RenewalConsolidation): Promise<readonly Invoice[]> => {
    const ids = consolidation.requests.map(({ request }) => request.invoiceId);
    const basis = consolidation.basis ?? (await basisOf(consolidation, ids));
    if (basis !== undefined) await invoices.insert(await membersOf(consolidation, basis));
    passes('invoicing.after-insert');
    const stored = await invoices.find(ids);
    // Another process may have been faster and have decided with less credit.
    if (basis) await returnExcess(credits, [...stored.values()]);
    const published = basis?.members.map(({ invoiceId, subscriptionId, amountDue }) => ({ invoiceId, subscriptionId, amountDue }));
    return ids.map((id) => withMembers(stored.get(id) as Invoice, published));
  };

  /**
   * Undefined where fewer than two invoices are to be made. Renewals that were invoiced before
   * their customer chose consolidated invoices stay as they are.
   */
  const basisOf = async (consolidation: RenewalConsolidation, ids: readonly string[]): Promise<ConsolidationBasis | undefined> => {
    const before = await invoices.find(ids);
    const held = consolidation.requests.filter(({ request }) => !before.has(request.invoiceId));
    const { billedTo, seller } = await partiesOf(consolidation);
    const drafts = await draftsOf(consolidation, held, billedTo, seller);
    if (drafts.length > 1) return decide(consolidation, drafts, billedTo, seller);
    await finalisation.finalise(drafts);
    return undefined;
  };

  const partiesOf = async ({ customerId }: RenewalConsolidation) => {
    const customer = (await invoices.customers([customerId])).get(customerId);
    if (!customer) throw new Error(`the customer ${customerId} is not known yet`);
    return { billedTo: billedToOf(customer), seller: sellerFor(await entities.all(), customer.country) };
  };

  /** All are finalised when the collecting ends, whenever each was requested. */
  const draftsOf = (
    consolidation: RenewalConsolidation,
    held: readonly HeldRequest[],
    billedTo: BilledTo,
    seller: Seller,
  ): Promise<Draft[]> =>
    Promise.all(
      held.map(async ({ asking, request }) => {
        const made = await draftWithTax(tax, asking, request, billedTo, seller);
        return { ...made, changes: made.changes.map((change) => ({ ...change, at: consolidation.closedAt as Instant })) };
      }),
    );

  const decide = async (
    consolidation: RenewalConsolidation,
    drafts: readonly Draft[],
    billedTo: BilledTo,
    seller: Seller,
  ): Promise<ConsolidationBasis> => {
    const series = seriesOf(seller.numberPrefix, consolidation.closedAt as Instant);
    const number = (await numbers.assign(series, [consolidation._id], new Map())).get(consolidation._id) as string;
    passes('invoicing.after-number');
    const creditOf = await applyCredit(credits, drafts);
    const members = drafts.map(({ _id: invoiceId, subscriptionId, total }) => {
      const creditApplied = creditOf.get(invoiceId) ?? 0;
      return { invoiceId, subscriptionId, creditApplied, amountDue: total - creditApplied };
    });
    const decided = await consolidations.change(consolidation, (stored) =>
      stored.basis ? stored : { ...stored, basis: { number, billedTo, seller, members } },
    );
    const basis = decided.basis as ConsolidationBasis;
    await numbers.confirmStored(series, new Map([[consolidation._id, basis.number]]));
    return basis;
  };

  const membersOf = async (
    consolidation: RenewalConsolidation,
    { number, billedTo, seller, members }: ConsolidationBasis,
  ): Promise<readonly Invoice[]> => {
    const positions = new Map(members.map(({ invoiceId }, position) => [invoiceId, position]));
    const held = consolidation.requests.filter(({ request }) => positions.has(request.invoiceId));
    return (await draftsOf(consolidation, held, billedTo, seller)).map((made) => {
      const position = positions.get(made._id) as number;
      const invoice = withNumberAndCredit(made, number, members[position]?.creditApplied ?? 0);
      return { ...invoice, consolidation: { id: consolidation._id, number, position } };
    });
  };

  const recover = async (): Promise<void> => {
    for (const { _id: series, assigned } of await numbers.all()) {
      const decided = (await consolidations.find(assigned.map(({ invoiceId }) => invoiceId))).filter(({ basis }) => basis !== null);
      await numbers.confirmStored(series, new Map(decided.map(({ _id, basis }) => [_id, basis?.number ?? ''])));
    }
  };

  return { finalise, recover };
}

/** An invoice with all members of its consolidation, which its event names. */
const withMembers = (invoice: Invoice, members: readonly ConsolidatedInvoice[] | undefined): Invoice =>
  invoice.consolidation && members ? { ...invoice, consolidation: { ...invoice.consolidation, members } } : invoice;
