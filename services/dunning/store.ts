import { type Connection, Schema } from 'mongoose';
import type { PageQuery } from '../shared/list.ts';
import { documentModel, type Page, pageOf, upsertAll } from '../shared/mongo.ts';
import type { Instant } from '../shared/time.ts';
import { type CaseDocument, type CaseResource, type CaseStatus, resourceOf, withStatus } from './case.ts';
import type { CaseSpan } from './case-span.ts';
import type { CaseFact } from './facts.ts';
import { type DunningPolicy, defaultPolicy, optionalFields, policySchema } from './policy.ts';

type PolicyDocument = DunningPolicy & { readonly _id: string; readonly sequence: number };

export type CaseQuery = PageQuery & {
  readonly customerId?: string | undefined;
  readonly subscriptionId?: string | undefined;
  readonly status?: CaseStatus | undefined;
};

export type DunningStore = ReturnType<typeof createDunningStore>;

const policyId = 'default';

export function createDunningStore(documents: Connection) {
  const policies = documentModel<PolicyDocument>(documents, 'dunning_policies', {
    sequence: Number,
    retryDays: [Number],
    retryMode: String,
    hardDeclineRetries: Number,
    graceDays: Number,
    suspendAfterDays: Number,
    finalAction: String,
    messages: [Schema.Types.Mixed],
    byCategory: Schema.Types.Mixed,
    timeOfDay: Schema.Types.Mixed,
    paydays: [Number],
    retryBudget: Schema.Types.Mixed,
    reminders: { type: [Schema.Types.Mixed], default: undefined },
    downgradeTo: Schema.Types.Mixed,
  });
  const cases = documentModel<CaseDocument>(
    documents,
    'dunning_cases',
    {
      invoiceId: String,
      subscriptionId: String,
      customerId: String,
      testClock: String,
      createdAt: String,
      firstFailedAt: String,
      timezone: String,
      planId: String,
      policy: Schema.Types.Mixed,
      attempts: Schema.Types.Mixed,
      suspendedAt: String,
      recoveredAt: String,
      recovered: Schema.Types.Mixed,
      endedAt: String,
      writtenOffAt: String,
    },
    [{ fields: { customerId: 1 } }, { fields: { subscriptionId: 1 } }, { fields: { createdAt: -1 } }, { fields: { firstFailedAt: 1 } }],
  );

  return {
    policy: async (): Promise<DunningPolicy> => {
      const kept = await policies.collection.findOne({ _id: policyId as never });
      return kept ? policyOf(kept as unknown as PolicyDocument) : defaultPolicy;
    },
    /** Returns the number of this change, counted from 1. */
    setPolicy: async (policy: DunningPolicy): Promise<number> => {
      const left = optionalFields.filter((field) => !(field in policy)).map((field) => [field, '']);
      const after = await policies.collection.findOneAndUpdate(
        { _id: policyId as never },
        { $set: policy, $inc: { sequence: 1 }, ...(left.length > 0 && { $unset: Object.fromEntries(left) }) },
        { upsert: true, returnDocument: 'after' },
      );
      return (after as unknown as PolicyDocument).sequence;
    },
    /** Records facts, each in its own field. A repeat changes nothing. */
    note: (facts: readonly CaseFact[]): Promise<void> =>
      upsertAll(
        cases,
        facts.map(({ id, about, sets }) => ({ filter: { _id: id }, update: { $setOnInsert: about, $set: sets } })),
      ),
    /** Streams the cases whose first failure is in `[from, to)`, oldest first. */
    casesOf: ({ from, to, testClock }: CaseSpan, plans?: readonly string[]): AsyncIterable<CaseDocument & { firstFailedAt: Instant }> =>
      cases.collection
        .find({ firstFailedAt: { $gte: from, $lt: to }, testClock, ...(plans && { planId: { $in: plans } }) } as never, { batchSize: 100 })
        .sort({ firstFailedAt: 1, _id: 1 }) as unknown as AsyncIterable<CaseDocument & { firstFailedAt: Instant }>,
    list: async ({ customerId, subscriptionId, status, ...paging }: CaseQuery): Promise<Page<CaseResource>> => {
      const filter = { ...(customerId && { customerId }), ...(subscriptionId && { subscriptionId }), ...withStatus(status) };
      const page = await pageOf(cases, filter, paging);
      return { ...page, data: page.data.map((row) => resourceOf(row as CaseDocument & { firstFailedAt: Instant })) };
    },
  };
}

const policyOf = ({ _id, sequence, ...policy }: PolicyDocument): DunningPolicy => policySchema.parse(policy);
