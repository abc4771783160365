import type { CustomerResource } from '../../shared/contracts/customer-resource.ts';
import type { MarqueeEvent } from '../../shared/events.ts';
import { passes } from '../../shared/fault-points.ts';
import { localDay } from '../../shared/local-time.ts';
import type { Platform } from '../../shared/service.ts';
import type { Instant } from '../../shared/time.ts';
import type { BilledCustomer } from '../draft.ts';
import type { InvoiceChange } from '../invoice.ts';
import { changeEvent } from '../invoice-resource.ts';
import type { InvoiceStore } from '../store.ts';
import type { InvoiceRequest, SubscriptionEventData } from '../subscription-events.ts';
import {
  afterUpdate,
  closedWith,
  consolidationIdOf,
  type HeldRequest,
  holds,
  newConsolidation,
  type RenewalConsolidation,
  type SubscriptionUpdate,
  withoutExpected,
  withRenewal,
} from './consolidation.ts';
import type { ConsolidatedFinalisation } from './finalise-consolidation.ts';
import type { ConsolidationStore } from './store.ts';

type SubscriptionEvent = MarqueeEvent<SubscriptionEventData>;
type Renewal = { readonly subscriptionId: string; readonly invoiceId: string | null };

type CustomerChanged = CustomerResource & { readonly previous?: object };

const separates = ({ data: { invoiceGrouping, previous = {} } }: MarqueeEvent<CustomerChanged>): boolean =>
  'invoiceGrouping' in previous && invoiceGrouping !== 'consolidated';

/** Brings the renewals of a day together for customers who want them on one document. */
export type RenewalCollector = ReturnType<typeof createRenewalCollector>;

/** True for what changes when a subscription bills, or whether it does: somebody may be waiting for it. */
export const changesBilling = ({ data: { previous = {}, closes = [] } }: SubscriptionEvent): boolean =>
  'nextBillingAt' in previous || 'status' in previous || closes.length > 0;

const isConsolidated = (customer: BilledCustomer | undefined): customer is BilledCustomer => customer?.invoiceGrouping === 'consolidated';

export function createRenewalCollector(
  platform: Platform,
  consolidations: ConsolidationStore,
  invoices: InvoiceStore,
  finalisation: ConsolidatedFinalisation,
) {
  /**
   * Takes the renewals that are decided in consolidations, and what ends the waiting of others. Answers the events whose invoices are made alone, and
   * the ids of what was told: all invoices of a consolidation that these events completed, now or before.
   */
  const collect = async (events: readonly SubscriptionEvent[], customers: ReadonlyMap<string, BilledCustomer>) => {
    const touched = new Map<string, RenewalConsolidation>();
    const held = new Set<SubscriptionEvent>();
    for (const event of events) {
      const customer = customers.get(event.customerId);
      if (!isConsolidated(customer)) continue;
      const consolidation = await join(event, customer.timezone);
      if (consolidation && holds(consolidation, (event.data.invoice as InvoiceRequest).invoiceId)) {
        held.add(event);
        touched.set(consolidation._id, consolidation);
      }
      for (const affected of await affectedBy(event, customer.timezone)) touched.set(affected._id, affected);
    }
    passes('invoicing.after-hold');
    const follows: string[] = [];
    for (const consolidation of touched.values()) follows.push(...(await issue(consolidation)));
    return { alone: events.filter((event) => event.data.invoice && !held.has(event)), follows };
  };

  const join = async (event: SubscriptionEvent, timezone: string): Promise<RenewalConsolidation | undefined> => {
    const request = event.data.invoice;
    if (request?.cause !== 'renewal') return undefined;
    const { id, time, customerId, testClock, data } = event;
    const subscription = { id: data.subscription.id, customerId };
    const renewal: HeldRequest = { asking: { id, time, customerId, testClock, data: { subscription } }, request };
    const fresh = newConsolidation(renewal, timezone, platform.now());
    const [known] = await consolidations.find([fresh._id]);
    const expected = known ? [] : await expectedIn(fresh);
    return consolidations.change(fresh, (consolidation) => withRenewal(consolidation, renewal, expected));
  };

  /** Who renews on the day, as the subscription service knows, and has no invoice yet. */
  const expectedIn = async ({ customerId, currency, taxBehaviour, day, timezone }: RenewalConsolidation): Promise<readonly string[]> => {
    const question = { customerId, currency, taxBehaviour, day, timezone };
    const answer = (await platform.invoke('subscription', 'post', 'renewals', question)) as { renewals: readonly Renewal[] } | undefined;
    if (answer === undefined) throw new Error('the subscription service does not tell who renews');
    const invoiced = await invoices.find(answer.renewals.flatMap(({ invoiceId }) => invoiceId ?? []));
    return answer.renewals
      .filter(({ invoiceId }) => invoiceId === null || !invoiced.has(invoiceId))
      .map(({ subscriptionId }) => subscriptionId);
  };

  /** Groups whose waiting the event ended, now or when it came before. */
  const affectedBy = async (event: SubscriptionEvent, timezone: string): Promise<readonly RenewalConsolidation[]> => {
    if (!changesBilling(event)) return [];
    const update = updateOf(event);
    const found = await consolidations.find(affectedIds(event, timezone));
    const after = await Promise.all(
      found.map((consolidation) => consolidations.change(consolidation, (stored) => afterUpdate(stored, update))),
    );
    return after.filter(({ status, closedBy }) => status === 'closing' || closedBy === event.id);
  };

  /** Makes the invoices of a consolidation that collects no more, and tells of them. */
  const issue = async (consolidation: RenewalConsolidation): Promise<readonly string[]> => {
    if (consolidation.status === 'collecting') return [];
    const made = await finalisation.finalise(consolidation);
    const told = made.map((invoice) => changeEvent(invoice, invoice.changes[0] as InvoiceChange));
    await platform.publish(told);
    passes('invoicing.after-publish');
    await consolidations.change(consolidation, (stored) => (stored.status === 'closing' ? { ...stored, status: 'closed' } : stored));
    return told.map(({ id }) => id);
  };

  const end = async (consolidation: RenewalConsolidation, cause: string, at: Instant): Promise<readonly string[]> =>
    issue(await consolidations.change(consolidation, (stored) => closedWith(stored, cause, at)));

  return {
    collect,
    issue,
    /** Waits for nobody any more. */
    end,
    /** Ends all waiting for customers who want their invoices separate from now on. */
    release: async (events: readonly MarqueeEvent<CustomerChanged>[]): Promise<readonly string[]> => {
      const follows: string[] = [];
      for (const { id, time, data } of events.filter(separates))
        for (const consolidation of await consolidations.unfinishedOf(data.id)) follows.push(...(await end(consolidation, id, time)));
      return follows;
    },
    /** Waits no longer for those that do not renew on the day any more, as the subscription service knows. */
    askAgain: async (consolidation: RenewalConsolidation): Promise<void> => {
      const expected = new Set(await expectedIn(consolidation));
      const gone = consolidation.expected.filter((id) => !expected.has(id));
      await issue(await consolidations.change(consolidation, (stored) => withoutExpected(stored, gone, 'asked-again', platform.now())));
    },
  };
}

const updateOf = ({ id: event, time: at, data: { subscription, closes = [] } }: SubscriptionEvent): SubscriptionUpdate => {
  const { id, status, nextBillingAt } = subscription;
  return {
    event,
    at,
    id,
    closes: closes.map(({ invoiceId }) => invoiceId),
    ...(status && { status }),
    ...(nextBillingAt && { nextBillingAt }),
  };
};

/** The consolidations that may wait for the subscription or hold a renewal of it: those of the days when it was, is or will be billed. */
function affectedIds({ customerId, data: { subscription, previous = {} } }: SubscriptionEvent, timezone: string): readonly string[] {
  const currency = (previous.price ?? subscription.price)?.currency ?? '';
  const times = [subscription, previous].flatMap(({ nextBillingAt, currentPeriod }) => [nextBillingAt, currentPeriod?.start]);
  const days = new Set(times.flatMap((at) => (at ? [localDay(at, timezone)] : [])));
  return [...days].flatMap((day) =>
    (['inclusive', 'exclusive'] as const).map((taxBehaviour) => consolidationIdOf({ customerId, currency, taxBehaviour, day })),
  );
}
