import { LRUCache } from 'lru-cache';
import { type Connection, Schema } from 'mongoose';
import type { EventData } from '../shared/contracts/events.ts';
import type { MarqueeEvent } from '../shared/events.ts';
import { collectionOf, documentModel, upsertAll } from '../shared/mongo.ts';
import type { DunningChannels, EscalationStep, PlanNames, Recipient } from './notification.ts';

/** A copy with the sequence of the event it came from. */
type Known<Fields> = Fields & { readonly _id: string; readonly sequence: number };

type PlanTerms = EventData<'subscription.created'>['terms']['plan'];

/**
 * The channels until a dunning policy is set, equal to the default policy of the dunning service.
 */
export const defaultChannels: DunningChannels = { 'payment-failed': ['email', 'sms'], suspended: ['email', 'sms'], recovered: ['email'] };

export type Projections = ReturnType<typeof createProjections>;

/** Copies from events of other services: recipients, names of plans, and channels of dunning. */
export function createProjections(documents: Connection) {
  const customers = documentModel<Known<Recipient>>(documents, 'notification_customers', {
    sequence: Number,
    email: String,
    phone: String,
    locale: String,
    timezone: String,
    preferences: Schema.Types.Mixed,
    erased: Boolean,
  });
  const plans = documentModel<Known<{ name: Readonly<Record<string, string>> }>>(documents, 'notification_plans', {
    sequence: Number,
    name: Schema.Types.Mixed,
  });
  const policies = documentModel<Known<{ channels: DunningChannels }>>(documents, 'notification_policies', {
    sequence: Number,
    channels: Schema.Types.Mixed,
  });
  /** Plan versions that were written before; nearly every subscription has one of them. */
  const writtenPlans = new LRUCache<string, true>({ max: 10_000 });

  const projectPlans = async (events: readonly MarqueeEvent[]): Promise<void> => {
    const fresh = events.flatMap(plansIn).filter((plan) => !writtenPlans.has(versionKey(plan)));
    const distinct = new Map(fresh.map((plan) => [versionKey(plan), plan]));
    await upsertAll(
      plans,
      [...distinct.values()].map(({ planId, version, name }) => whenNewer(planId, version, { name })),
    );
    for (const key of distinct.keys()) writtenPlans.set(key, true);
  };

  return {
    /** Updates the copies from events. A repeat, or an older event, changes nothing. */
    project: async (events: readonly MarqueeEvent[]): Promise<void> => {
      await Promise.all([
        upsertAll(customers, events.filter(isProfile).map(recipientUpsert)),
        projectPlans(events),
        upsertAll(policies, events.filter(isPolicyChange).map(policyUpsert)),
      ]);
    },
    recipients: async (ids: readonly string[]): Promise<ReadonlyMap<string, Recipient>> => {
      const found = await collectionOf(customers)
        .find({ _id: { $in: [...new Set(ids)] } })
        .toArray();
      return new Map(found.map((row) => [row._id, row]));
    },
    planNames: async (ids: readonly string[]): Promise<PlanNames> => {
      if (ids.length === 0) return new Map();
      const found = await collectionOf(plans)
        .find({ _id: { $in: [...new Set(ids)] } })
        .toArray();
      return new Map(found.map((row) => [row._id, row.name]));
    },
    dunningChannels: async (): Promise<DunningChannels> => {
      const policy = await collectionOf(policies).findOne({ _id: policyId });
      return policy?.channels ?? defaultChannels;
    },
  };
}

const policyId = 'dunning';

const versionKey = ({ planId, version }: PlanTerms): string => `${planId}:${version}`;

/** The plan versions that an event names. */
function plansIn({ data }: MarqueeEvent): readonly PlanTerms[] {
  if ('terms' in data) return [data.terms.plan];
  return 'change' in data ? [data.change.terms.plan] : [];
}

type ProfileEvent = MarqueeEvent<'customer.created' | 'customer.updated' | 'customer.erased'>;

const isProfile = (event: MarqueeEvent): event is ProfileEvent =>
  event.type === 'customer.created' || event.type === 'customer.updated' || event.type === 'customer.erased';

const isPolicyChange = (event: MarqueeEvent): event is MarqueeEvent<'dunning.policy-changed'> => event.type === 'dunning.policy-changed';

function recipientUpsert({ type, subject, sequence, data }: ProfileEvent) {
  const { email, phone, locale, timezone, preferences } = data;
  return whenNewer(subject, sequence, { email, phone, locale, timezone, preferences, erased: type === 'customer.erased' });
}

function policyUpsert({ sequence, data: { messages } }: MarqueeEvent<'dunning.policy-changed'>) {
  const plain = messages.filter(({ afterAttempt }) => afterAttempt === undefined);
  const ladder = messages.flatMap(({ afterAttempt, channels }): EscalationStep[] =>
    afterAttempt === undefined ? [] : [{ afterAttempt, channels }],
  );
  const channels = {
    'payment-failed': [],
    suspended: [],
    recovered: [],
    ...Object.fromEntries(plain.map(({ event, channels }) => [event, channels])),
    ladder: ladder.sort((one, other) => one.afterAttempt - other.afterAttempt),
  };
  return whenNewer(policyId, sequence, { channels });
}

const whenNewer = <Fields>(id: string, sequence: number, fields: Fields) => ({
  filter: { _id: id, sequence: { $lt: sequence } },
  update: { $set: { sequence, ...fields } },
});
