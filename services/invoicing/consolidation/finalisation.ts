import { passes } from '../../shared/fault-points.ts';
import type { Instant } from '../../shared/time.ts';
import { returned } from '../credit/account-credit.ts';
import { applyCredit } from '../credit/drawing.ts';
import type { CreditStore } from '../credit/store.ts';
import { billedToOf, type Draft, draft, withNumberAndCredit } from '../draft.ts';
import type { Finalisation } from '../finalisation.ts';
import type { BilledTo, Invoice } from '../invoice.ts';
import { type Seller, sellerFor } from '../legal-entity/legal-entity.ts';
import type { LegalEntities } from '../legal-entity/store.ts';
import type { NumberStore } from '../number-store.ts';
import { seriesOf } from '../numbering.ts';
import type { InvoiceStore } from '../store.ts';
import type { TaxCalculator } from '../tax/question.ts';
import type { Group, GroupBasis, HeldRequest } from './consolidation.ts';
import type { GroupStore } from './store.ts';

export type GroupLedgers = {
  readonly invoices: InvoiceStore;
  readonly numbers: NumberStore;
  readonly credits: CreditStore;
  readonly entities: LegalEntities;
  readonly groups: GroupStore;
  readonly finalisation: Finalisation;
  readonly tax: TaxCalculator;
};

export type GroupFinalisation = {
  /** The invoices of a group whose collecting has ended, in its order. A repeat answers those that are there and does nothing twice. */
  readonly finalise: (group: Group) => Promise<readonly Invoice[]>;
  /** Numbers that a crash left noted as on their way though their group bears them, or another. */
  readonly recover: () => Promise<void>;
};

/**
 * Number and account credit under derived ids, then the basis on the group by compare-and-set, then the invoices: all of them are made from
 * what the group says, so that whoever repeats it after a crash makes the same ones. A group of one is an ordinary invoice.
 */
export function createGroupFinalisation(ledgers: GroupLedgers): GroupFinalisation {
  const { invoices, numbers, credits, entities, groups, finalisation, tax } = ledgers;

  const finalise = async (group: Group): Promise<readonly Invoice[]> => {
    const ids = group.requests.map(({ request }) => request.invoiceId);
    const basis = group.basis ?? (await basisOf(group, ids));
    if (basis !== undefined) await invoices.insert(await membersOf(group, basis));
    passes('invoicing.after-insert');
    const stored = await invoices.find(ids);
    return ids.map((id) => stored.get(id) as Invoice);
  };

  /** Undefined where fewer than two invoices are to be made: what was invoiced before its customer wanted groups stays as it is. */
  const basisOf = async (group: Group, ids: readonly string[]): Promise<GroupBasis | undefined> => {
    const before = await invoices.find(ids);
    const held = group.requests.filter(({ request }) => !before.has(request.invoiceId));
    const { billedTo, seller } = await partiesOf(group);
    const drafts = await draftsOf(group, held, billedTo, seller);
    if (drafts.length > 1) return decide(group, drafts, billedTo, seller);
    await finalisation.finalise(drafts);
    return undefined;
  };

  const partiesOf = async ({ customerId }: Group) => {
    const customer = (await invoices.customers([customerId])).get(customerId);
    if (!customer) throw new Error(`the customer ${customerId} is not known yet`);
    return { billedTo: billedToOf(customer), seller: sellerFor(await entities.all(), customer.country) };
  };

  /** They are finalised when the collecting ends, whenever each was asked for. */
  const draftsOf = (group: Group, held: readonly HeldRequest[], billedTo: BilledTo, seller: Seller): Promise<Draft[]> =>
    Promise.all(
      held.map(async ({ asking, request }) => {
        const made = await draft(tax, asking, request, billedTo, seller);
        return { ...made, changes: made.changes.map((change) => ({ ...change, at: group.closedAt as Instant })) };
      }),
    );

  const decide = async (group: Group, drafts: readonly Draft[], billedTo: BilledTo, seller: Seller): Promise<GroupBasis> => {
    const series = seriesOf(seller.numberPrefix, group.closedAt as Instant);
    const number = (await numbers.assign(series, [group._id], new Map())).get(group._id) as string;
    passes('invoicing.after-number');
    const creditOf = await applyCredit(credits, drafts);
    const members = drafts.map(({ _id: invoiceId, subscriptionId, total }) => {
      const creditApplied = creditOf.get(invoiceId) ?? 0;
      return { invoiceId, subscriptionId, creditApplied, amountDue: total - creditApplied };
    });
    const decided = await groups.change(group, (stored) =>
      stored.basis ? stored : { ...stored, basis: { number, billedTo, seller, members } },
    );
    const basis = decided.basis as GroupBasis;
    await numbers.settle(series, new Map([[group._id, basis.number]]));
    await giveBack(group, basis, creditOf);
    return basis;
  };

  /** Another process was first, and without this credit. */
  const giveBack = async (group: Group, { members }: GroupBasis, creditOf: ReadonlyMap<string, number>): Promise<void> => {
    for (const { invoiceId, creditApplied } of members)
      if (creditApplied === 0 && (creditOf.get(invoiceId) ?? 0) > 0)
        await credits.change(group.customerId, group.currency, (account) => returned(account, invoiceId, group.closedAt as Instant));
  };

  const membersOf = async (group: Group, { number, billedTo, seller, members }: GroupBasis): Promise<readonly Invoice[]> => {
    const places = new Map(members.map(({ invoiceId }, position) => [invoiceId, position]));
    const held = group.requests.filter(({ request }) => places.has(request.invoiceId));
    const shown = members.map(({ invoiceId, subscriptionId, amountDue }) => ({ invoiceId, subscriptionId, amountDue }));
    return (await draftsOf(group, held, billedTo, seller)).map((made) => {
      const position = places.get(made._id) as number;
      const invoice = withNumberAndCredit(made, number, members[position]?.creditApplied ?? 0);
      return { ...invoice, consolidation: { id: group._id, number, members: shown, position } };
    });
  };

  const recover = async (): Promise<void> => {
    for (const { _id: series, assigned } of await numbers.all()) {
      const decided = (await groups.find(assigned.map(({ invoiceId }) => invoiceId))).filter(({ basis }) => basis !== null);
      await numbers.settle(series, new Map(decided.map(({ _id, basis }) => [_id, basis?.number ?? ''])));
    }
  };

  return { finalise, recover };
}
