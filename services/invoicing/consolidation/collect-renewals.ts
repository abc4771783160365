import type { InvoiceRequest } from '../../shared/contracts/invoice-request.ts';
import type { SubscriptionResource } from '../../shared/contracts/subscription-resource.ts';
import type { MarqueeEvent } from '../../shared/events.ts';
import { passes } from '../../shared/fault-points.ts';
import { localDay } from '../../shared/local-time.ts';
import type { Platform } from '../../shared/service.ts';
import type { Instant } from '../../shared/time.ts';
import type { BilledCustomer } from '../draft.ts';
import type { InvoiceChange } from '../invoice.ts';
import { changeEvent } from '../invoice-resource.ts';
import type { InvoiceStore } from '../store.ts';
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

/** An event that may request an invoice, close one, or change when a subscription bills. */
export type BillingEvent = MarqueeEvent<'subscription.*' | 'gift.purchased'>;
type CustomerEvent = MarqueeEvent<'customer.created' | 'customer.updated' | 'customer.erased'>;
type Renewal = { readonly subscriptionId: string; readonly invoiceId: string | null };

/** Collects the renewals of a day for customers with consolidated invoices. */
export type RenewalCollector = ReturnType<typeof createRenewalCollector>;

/**
 * True for events that change when a subscription bills, or whether it does: others may wait for
 * it.
 */
export const changesBilling = (event: BillingEvent): boolean =>
  'nextBillingAt' in previousOf(event) || 'status' in previousOf(event) || closedBy(event).length > 0;

/** The invoice that the event requests, if any. */
export const requestedBy = ({ data }: BillingEvent): InvoiceRequest | null => ('invoice' in data ? data.invoice : null);

/** The invoices that the event closes, and their final status. */
export const closedBy = ({ data }: BillingEvent) => ('closes' in data ? data.closes : []);

const previousOf = ({ data }: BillingEvent): Partial<SubscriptionResource> => ('previous' in data ? data.previous : {});

export function createRenewalCollector(
  platform: Platform,
  consolidations: ConsolidationStore,
  invoices: InvoiceStore,
  finalisation: ConsolidatedFinalisation,
) {
  /**
   * Holds the renewals that are consolidated, and ends the waiting for others where an event says
   * so. Returns the events whose invoices are made alone, and the ids of published events: those of
   * all invoices of a consolidation that these events completed, now or before.
   */
  const collect = async (events: readonly BillingEvent[], customers: ReadonlyMap<string, BilledCustomer>) => {
    const changed = new Map<string, RenewalConsolidation>();
    const held = new Set<BillingEvent>();
    for (const event of events) {
      const customer = customers.get(event.customerId);
      if (customer?.invoiceGrouping !== 'consolidated') continue;
      const consolidation = await join(event, customer.timezone);
      if (consolidation && holds(consolidation, requestedBy(event)?.invoiceId ?? '')) {
        held.add(event);
        changed.set(consolidation._id, consolidation);
      }
      for (const affected of await affectedBy(event, customer.timezone)) changed.set(affected._id, affected);
    }
    passes('invoicing.after-hold');
    const follows: string[] = [];
    for (const consolidation of changed.values()) follows.push(...(await issue(consolidation)));
    return { alone: events.filter((event) => requestedBy(event) && !held.has(event)), follows };
  };

  const join = async (event: BillingEvent, timezone: string): Promise<RenewalConsolidation | undefined> => {
    const request = requestedBy(event);
    if (request?.cause !== 'renewal') return undefined;
    const { id, time, customerId, testClock, data } = event;
    const subscription = { id: data.subscription.id, customerId };
    const renewal: HeldRequest = { asking: { id, time, customerId, testClock, data: { subscription } }, request };
    const fresh = newConsolidation(renewal, timezone, platform.now());
    const [known] = await consolidations.find([fresh._id]);
    const expected = known ? [] : await expectedIn(fresh);
    return consolidations.change(fresh, (stored) => withRenewal(stored, renewal, expected));
  };

  /**
   * Subscriptions that renew on the day, according to the subscription service, and have no invoice
   * yet.
   */
  const expectedIn = async ({ customerId, currency, taxBehaviour, day, timezone }: RenewalConsolidation): Promise<readonly string[]> => {
    const query = { customerId, currency, taxBehaviour, day, timezone };
    const response = (await platform.invoke('subscription', 'post', 'renewals', query)) as { renewals: readonly Renewal[] } | undefined;
    if (response === undefined) throw new Error('the subscription service returned no renewals');
    const invoiced = await invoices.find(response.renewals.flatMap(({ invoiceId }) => invoiceId ?? []));
    return response.renewals
      .filter(({ invoiceId }) => invoiceId === null || !invoiced.has(invoiceId))
      .map(({ subscriptionId }) => subscriptionId);
  };

  /** Consolidations that the event closed, now or in an earlier delivery. */
  const affectedBy = async (event: BillingEvent, timezone: string): Promise<readonly RenewalConsolidation[]> => {
    if (!changesBilling(event)) return [];
    const update = updateOf(event);
    const found = await consolidations.find(affectedIds(event, timezone));
    const after = await Promise.all(found.map((each) => consolidations.change(each, (stored) => afterUpdate(stored, update))));
    return after.filter(({ status, closedBy }) => status === 'closing' || closedBy === event.id);
  };

  /**
   * Makes and publishes the invoices of a consolidation that no longer collects. Returns the event
   * ids.
   */
  const issue = async (consolidation: RenewalConsolidation): Promise<readonly string[]> => {
    if (consolidation.status === 'collecting') return [];
    const finalised = await finalisation.finalise(consolidation);
    const events = finalised.map((invoice) => changeEvent(invoice, invoice.changes[0] as InvoiceChange));
    await platform.publish(events);
    passes('invoicing.after-publish');
    await consolidations.change(consolidation, (stored) => (stored.status === 'closing' ? { ...stored, status: 'closed' } : stored));
    return events.map(({ id }) => id);
  };

  const close = async (consolidation: RenewalConsolidation, cause: string, at: Instant): Promise<readonly string[]> =>
    issue(await consolidations.change(consolidation, (stored) => closedWith(stored, cause, at)));

  return {
    collect,
    issue,
    /** Ends the waiting and makes the invoices of the renewals that have arrived. */
    close,
    /** Closes all consolidations of customers who no longer want consolidated invoices. */
    release: async (events: readonly CustomerEvent[]): Promise<readonly string[]> => {
      const follows: string[] = [];
      for (const { id, time, data } of events.filter(separates))
        for (const each of await consolidations.unfinishedOf(data.id)) follows.push(...(await close(each, id, time)));
      return follows;
    },
    /**
     * Removes subscriptions that no longer renew on the day, according to the subscription service.
     */
    refreshExpected: async (consolidation: RenewalConsolidation): Promise<void> => {
      const expected = new Set(await expectedIn(consolidation));
      const gone = consolidation.expected.filter((id) => !expected.has(id));
      await issue(await consolidations.change(consolidation, (stored) => withoutExpected(stored, gone, 'asked-again', platform.now())));
    },
  };
}

const separates = ({ type, data }: CustomerEvent): boolean =>
  type === 'customer.updated' && 'invoiceGrouping' in data.previous && data.invoiceGrouping !== 'consolidated';

const updateOf = (event: BillingEvent): SubscriptionUpdate => {
  const { id, status, nextBillingAt }: Partial<SubscriptionResource> & { id: string } = event.data.subscription;
  return {
    event: event.id,
    at: event.time,
    id,
    closes: closedBy(event).map(({ invoiceId }) => invoiceId),
    ...(status && { status }),
    ...(nextBillingAt && { nextBillingAt }),
  };
};

/**
 * The consolidations that may expect the subscription or hold a renewal of it: those of the days on
 * which it was, is or will be billed.
 */
function affectedIds(event: BillingEvent, timezone: string): readonly string[] {
  const { customerId } = event;
  const subscription: Partial<SubscriptionResource> = event.data.subscription;
  const previous = previousOf(event);
  const currency = (previous.price ?? subscription.price)?.currency ?? '';
  const times = [subscription, previous].flatMap(({ nextBillingAt, currentPeriod }) => [nextBillingAt, currentPeriod?.start]);
  const days = new Set(times.flatMap((at) => (at ? [localDay(at, timezone)] : [])));
  return [...days].flatMap((day) =>
    (['inclusive', 'exclusive'] as const).map((taxBehaviour) => consolidationIdOf({ customerId, currency, taxBehaviour, day })),
  );
}
