import { type Connection, Schema } from 'mongoose';
import { equal } from '../shared/equal.ts';
import type { PageQuery } from '../shared/list.ts';
import { collectionOf, documentModel, insertNew, type Page, pageOf } from '../shared/mongo.ts';
import { accept, type Result, reject } from '../shared/result.ts';
import type { Instant } from '../shared/time.ts';
import type { MatchedPolicy } from './matched-policy.ts';

/**
 * `sequence` counts the changes. A deleted policy stays stored, so its sequence continues and its
 * id is never reused.
 */
type PolicyDocument = Omit<MatchedPolicy, 'id'> & {
  readonly _id: string;
  readonly sequence: number;
  readonly deletedAt: Instant | null;
};

/** A policy after a change, and the number of that change, counted from 1. */
export type PolicyChange = { readonly policy: MatchedPolicy; readonly sequence: number };

export type MatchedPolicyStore = ReturnType<typeof createMatchedPolicyStore>;

export function createMatchedPolicyStore(documents: Connection) {
  const policies = documentModel<PolicyDocument>(
    documents,
    'dunning_matched_policies',
    { match: Schema.Types.Mixed, policy: Schema.Types.Mixed, createdAt: String, sequence: Number, deletedAt: String },
    [{ fields: { createdAt: -1 } }],
  );
  const stored = collectionOf(policies);
  /** With `expected`, only while that is still the number of the last change. */
  const change = async (id: string, fields: Partial<PolicyDocument>, expected?: number): Promise<PolicyChange | undefined> => {
    const after = await stored.findOneAndUpdate(
      { _id: id, deletedAt: null, ...(expected !== undefined && { sequence: expected }) },
      { $set: fields, $inc: { sequence: 1 } },
      { returnDocument: 'after' },
    );
    return after === null ? undefined : policyChangeOf(after);
  };

  return {
    /** All policies. They are few, and callers cache them for some seconds. */
    all: async (): Promise<MatchedPolicy[]> => (await stored.find({ deletedAt: null }).toArray()).map((row) => policyChangeOf(row).policy),
    /** A policy that is not deleted, and the number of its last change. */
    find: async (id: string): Promise<PolicyChange | undefined> => {
      const row = await stored.findOne({ _id: id, deletedAt: null });
      return row === null ? undefined : policyChangeOf(row);
    },
    list: async (page: PageQuery): Promise<Page<MatchedPolicy>> => {
      const { data, nextCursor } = await pageOf(policies, { deletedAt: null }, page);
      return { data: data.map((row) => policyChangeOf(row).policy), nextCursor };
    },
    /** An exact repeat returns the existing policy; other data under its id is refused. */
    create: async ({ id, ...policy }: MatchedPolicy): Promise<Result<PolicyChange & { readonly isNew: boolean }>> => {
      const isNew = (await insertNew(policies, [{ _id: id, ...policy, sequence: 1, deletedAt: null }])).has(id);
      const row = (await stored.findOne({ _id: id })) as PolicyDocument;
      const isSame = row.deletedAt === null && equal(row.match, policy.match) && equal(row.policy, policy.policy);
      if (!isNew && !isSame) return reject('already-exists', `There is, or was, another policy ${id}.`);
      return accept({ ...policyChangeOf(row), isNew });
    },
    /** Undefined where there is no such policy, or `expected` is no longer its sequence. */
    replace: (id: string, content: Pick<MatchedPolicy, 'match' | 'policy'>, expected?: number): Promise<PolicyChange | undefined> =>
      change(id, content, expected),
    /** Undefined where there is no such policy, or `expected` is no longer its sequence. */
    remove: (id: string, now: Instant, expected?: number): Promise<PolicyChange | undefined> => change(id, { deletedAt: now }, expected),
  };
}

const policyChangeOf = ({ _id: id, sequence, deletedAt: _, ...policy }: PolicyDocument): PolicyChange => ({
  policy: { id, ...policy },
  sequence,
});
