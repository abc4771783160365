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
import type { InvoiceRequest, SubscriptionHappened } from '../subscription-events.ts';
import {
  ended,
  type Group,
  groupIdOf,
  type Happening,
  type HeldRequest,
  happened,
  holds,
  joined,
  newGroup,
  without,
} from './consolidation.ts';
import type { GroupFinalisation } from './finalisation.ts';
import type { GroupStore } from './store.ts';

type Happened = MarqueeEvent<SubscriptionHappened>;
type Renewal = { readonly subscriptionId: string; readonly invoiceId: string | null };

type CustomerChanged = CustomerResource & { readonly previous?: object };

const separates = ({ data: { invoiceGrouping, previous = {} } }: MarqueeEvent<CustomerChanged>): boolean =>
  'invoiceGrouping' in previous && invoiceGrouping !== 'consolidated';

/** Brings the renewals of a day together for customers who want them on one document. */
export type Gathering = ReturnType<typeof createGathering>;

/** True for what changes when a subscription bills, or whether it does: somebody may be waiting for it. */
export const movesBilling = ({ data: { previous = {}, closes = [] } }: Happened): boolean =>
  'nextBillingAt' in previous || 'status' in previous || closes.length > 0;

const isConsolidated = (customer: BilledCustomer | undefined): customer is BilledCustomer => customer?.invoiceGrouping === 'consolidated';

export function createGathering(platform: Platform, groups: GroupStore, invoices: InvoiceStore, finalisation: GroupFinalisation) {
  /**
   * Takes the renewals that are decided in groups, and what ends the waiting of others. Answers the events whose invoices are made alone, and
   * the ids of what was told: all invoices of a group that these events completed, now or before.
   */
  const gather = async (events: readonly Happened[], customers: ReadonlyMap<string, BilledCustomer>) => {
    const touched = new Map<string, Group>();
    const held = new Set<Happened>();
    for (const event of events) {
      const customer = customers.get(event.customerId);
      if (!isConsolidated(customer)) continue;
      const group = await join(event, customer.timezone);
      if (group && holds(group, (event.data.invoice as InvoiceRequest).invoiceId)) {
        held.add(event);
        touched.set(group._id, group);
      }
      for (const affected of await affectedBy(event, customer.timezone)) touched.set(affected._id, affected);
    }
    passes('invoicing.after-hold');
    const follows: string[] = [];
    for (const group of touched.values()) follows.push(...(await issue(group)));
    return { alone: events.filter((event) => event.data.invoice && !held.has(event)), follows };
  };

  const join = async (event: Happened, timezone: string): Promise<Group | undefined> => {
    const request = event.data.invoice;
    if (request?.cause !== 'renewal') return undefined;
    const { id, time, customerId, testClock, data } = event;
    const subscription = { id: data.subscription.id, customerId };
    const renewal: HeldRequest = { asking: { id, time, customerId, testClock, data: { subscription } }, request };
    const fresh = newGroup(renewal, timezone, platform.now());
    const [known] = await groups.find([fresh._id]);
    const expected = known ? [] : await expectedIn(fresh);
    return groups.change(fresh, (group) => joined(group, renewal, expected));
  };

  /** Who renews on the day, as the subscription service knows, and has no invoice yet. */
  const expectedIn = async ({ customerId, currency, taxBehaviour, day, timezone }: Group): Promise<readonly string[]> => {
    const question = { customerId, currency, taxBehaviour, day, timezone };
    const answer = (await platform.invoke('subscription', 'post', 'renewals', question)) as { renewals: readonly Renewal[] } | undefined;
    if (answer === undefined) throw new Error('the subscription service does not tell who renews');
    const invoiced = await invoices.find(answer.renewals.flatMap(({ invoiceId }) => invoiceId ?? []));
    return answer.renewals
      .filter(({ invoiceId }) => invoiceId === null || !invoiced.has(invoiceId))
      .map(({ subscriptionId }) => subscriptionId);
  };

  /** Groups whose waiting the event ended, now or when it came before. */
  const affectedBy = async (event: Happened, timezone: string): Promise<readonly Group[]> => {
    if (!movesBilling(event)) return [];
    const happening = happeningOf(event);
    const found = await groups.find(groupsAround(event, timezone));
    const after = await Promise.all(found.map((group) => groups.change(group, (stored) => happened(stored, happening))));
    return after.filter(({ status, closedBy }) => status === 'closing' || closedBy === event.id);
  };

  /** Makes the invoices of a group that collects no more, and tells of them. */
  const issue = async (group: Group): Promise<readonly string[]> => {
    if (group.status === 'collecting') return [];
    const made = await finalisation.finalise(group);
    const told = made.map((invoice) => changeEvent(invoice, invoice.changes[0] as InvoiceChange));
    await platform.publish(told);
    passes('invoicing.after-publish');
    await groups.change(group, (stored) => (stored.status === 'closing' ? { ...stored, status: 'closed' } : stored));
    return told.map(({ id }) => id);
  };

  const end = async (group: Group, cause: string, at: Instant): Promise<readonly string[]> =>
    issue(await groups.change(group, (stored) => ended(stored, cause, at)));

  return {
    gather,
    issue,
    /** Waits for nobody any more. */
    end,
    /** Ends all waiting for customers who want their invoices separate from now on. */
    release: async (events: readonly MarqueeEvent<CustomerChanged>[]): Promise<readonly string[]> => {
      const follows: string[] = [];
      for (const { id, time, data } of events.filter(separates))
        for (const group of await groups.unfinishedOf(data.id)) follows.push(...(await end(group, id, time)));
      return follows;
    },
    /** Waits no longer for those that do not renew on the day any more, as the subscription service knows. */
    askAgain: async (group: Group): Promise<void> => {
      const expected = new Set(await expectedIn(group));
      const gone = group.expected.filter((id) => !expected.has(id));
      await issue(await groups.change(group, (stored) => without(stored, gone, 'asked-again', platform.now())));
    },
  };
}

const happeningOf = ({ id: event, time: at, data: { subscription, closes = [] } }: Happened): Happening => {
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

/** The groups that may wait for the subscription or hold a renewal of it: those of the days when it was, is or will be billed. */
function groupsAround({ customerId, data: { subscription, previous = {} } }: Happened, timezone: string): readonly string[] {
  const currency = (previous.price ?? subscription.price)?.currency ?? '';
  const times = [subscription, previous].flatMap(({ nextBillingAt, currentPeriod }) => [nextBillingAt, currentPeriod?.start]);
  const days = new Set(times.flatMap((at) => (at ? [localDay(at, timezone)] : [])));
  return [...days].flatMap((day) =>
    (['inclusive', 'exclusive'] as const).map((taxBehaviour) => groupIdOf({ customerId, currency, taxBehaviour, day })),
  );
}
