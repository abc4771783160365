import { type Connection, Schema } from 'mongoose';
import type { PageQuery } from '../shared/list.ts';
import { collectionOf, documentModel, insertNew, type Page, pageOf, upsertAll } from '../shared/mongo.ts';
import type { Instant } from '../shared/time.ts';
import { type CaseDocument, type CaseResource, type CaseStatus, resourceOf, withStatus } from './case.ts';
import type { CaseSpan } from './case-span.ts';
import type { CaseFact } from './facts.ts';
import { type DunningPolicy, defaultPolicy, optionalFields, policySchema } from './policy.ts';

type PolicyDocument = DunningPolicy & { readonly _id: string; readonly sequence: number };

/**
 * A policy and the number of its last change; 0 for the built-in policy, which has not been
 * changed.
 */
export type PolicyVersion = { readonly policy: DunningPolicy; readonly sequence: number };

type StartedCase = CaseDocument & { firstFailedAt: Instant };

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

  const policyVersion = async (): Promise<PolicyVersion> => {
    const stored = await collectionOf(policies).findOne({ _id: policyId });
    return stored ? { policy: policyOf(stored), sequence: stored.sequence } : { policy: defaultPolicy, sequence: 0 };
  };

  return {
    policyVersion,
    policy: async (): Promise<DunningPolicy> => (await policyVersion()).policy,
    /**
     * Replaces the policy, and returns the number of this change, counted from 1. With `expected`,
     * only while that is still the number of the last change; undefined where it no longer is.
     */
    setPolicy: async (policy: DunningPolicy, expected?: number): Promise<number | undefined> => {
      if (expected === 0) return (await insertNew(policies, [{ _id: policyId, sequence: 1, ...policy }])).has(policyId) ? 1 : undefined;
      const absent = optionalFields.filter((field) => !(field in policy)).map((field) => [field, '']);
      const after = await collectionOf(policies).findOneAndUpdate(
        { _id: policyId, ...(expected !== undefined && { sequence: expected }) },
        { $set: policy, $inc: { sequence: 1 }, ...(absent.length > 0 && { $unset: Object.fromEntries(absent) }) },
        { upsert: expected === undefined, returnDocument: 'after' },
      );
      return after?.sequence;
    },
    /** Records facts, each in its own field. A repeat changes nothing. */
    note: (facts: readonly CaseFact[]): Promise<void> =>
      upsertAll(
        cases,
        facts.map(({ id, about, sets }) => ({ filter: { _id: id }, update: { $setOnInsert: about, $set: sets } })),
      ),
    /** Streams the cases whose first failure is in `[from, to)`, oldest first. */
    casesOf: ({ from, to, testClock }: CaseSpan, plans?: readonly string[]): AsyncIterable<StartedCase> =>
      collectionOf(cases)
        .find<StartedCase>(
          { firstFailedAt: { $gte: from, $lt: to }, testClock, ...(plans && { planId: { $in: plans } }) },
          { batchSize: 100 },
        )
        .sort({ firstFailedAt: 1, _id: 1 }),
    list: async ({ customerId, subscriptionId, status, ...paging }: CaseQuery): Promise<Page<CaseResource>> => {
      const filter = { ...(customerId && { customerId }), ...(subscriptionId && { subscriptionId }), ...withStatus(status) };
      const page = await pageOf(cases, filter, paging);
      return { ...page, data: page.data.map((row) => resourceOf(row as StartedCase)) };
    },
  };
}

const policyOf = ({ _id, sequence, ...policy }: PolicyDocument): DunningPolicy => policySchema.parse(policy);
