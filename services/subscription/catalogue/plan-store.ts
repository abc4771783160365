import type { Connection } from 'mongoose';
import { hashOf } from '../../shared/idempotency.ts';
import { collectionOf, documentModel, insertNew } from '../../shared/mongo.ts';
import { accept, type Result, reject } from '../../shared/result.ts';
import type { Instant } from '../../shared/time.ts';
import type { Plan, PlanContent } from './plan.ts';

type VersionDocument = Omit<Plan, 'id' | 'archivedAt'> & { _id: string; planId: string; bodyHash: string };
export type PlanDocument = Omit<Plan, 'id'> & { _id: string; bodyHash: string };

export type PlanStore = ReturnType<typeof openPlans>;

const versionId = (planId: string, version: number): string => `${planId}|${version}`;

const text = String;
const anyValue = {};

const contentFields = {
  ...{ version: Number, name: anyValue, family: text, addOn: Boolean, prices: anyValue, tiers: anyValue, trialDays: Number },
  ...{ trialRequiresPaymentMethod: Boolean, taxBehaviour: text, billing: text, minQuantity: Number, maxQuantity: Number },
  ...{ entitlements: anyValue, createdAt: text, bodyHash: text, productId: text },
};

/**
 * A plan is a document that points to its current version; each version is a document of its own
 * that never changes. A version is stored before the plan points to it, so a crash in between
 * leaves a version that the next creation continues with.
 */
export function openPlans(documents: Connection) {
  const plans = documentModel<PlanDocument>(documents, 'plans', { ...contentFields, archivedAt: text });
  const versions = documentModel<VersionDocument>(documents, 'plan_versions', { ...contentFields, planId: text }, [
    { fields: { planId: 1 } },
  ]);

  const current = async (id: string): Promise<Plan | undefined> => {
    const row = await collectionOf(plans).findOne({ _id: id });
    return row ? planOf(row) : undefined;
  };

  /** The stored document of a version that was inserted before. */
  const storedVersion = async (_id: string): Promise<VersionDocument> => {
    const row = await collectionOf(versions).findOne({ _id });
    if (row === null) throw new Error(`plan version ${_id} is missing`);
    return row;
  };

  /**
   * Points the plan to the version after its own. Nothing happens if the plan has moved on since.
   */
  const pointTo = async (plan: Plan, version: VersionDocument): Promise<void> => {
    const { _id, planId, ...content } = version;
    const isUnchanged = { _id: plan.id, version: plan.version };
    await collectionOf(plans).replaceOne(isUnchanged, { ...content, archivedAt: plan.archivedAt });
  };

  return {
    plans,
    current,
    /** The plan at its current version or at a given one; rejected where either does not exist. */
    at: async (id: string, version?: number): Promise<Result<Plan>> => {
      const plan = await current(id);
      if (plan === undefined) return reject('plan-not-found', `There is no plan with the id ${id}.`, '/planId');
      if (version === undefined || version === plan.version) return accept(plan);
      const row = await collectionOf(versions).findOne({ _id: versionId(id, version) });
      if (row === null) return reject('plan-version-not-found', `Plan ${id} has no version ${version}.`, '/planVersion');
      return accept(planAtVersion(row, plan.archivedAt));
    },
    /** The plans and add-ons that sell a product, at their current versions, the oldest first. */
    ofProduct: async (productId: string): Promise<Plan[]> => {
      const rows = await collectionOf(plans).find({ productId }).sort({ createdAt: 1 }).limit(200).toArray();
      return rows.map(planOf);
    },
    versionsOf: async (id: string): Promise<Plan[]> => {
      const rows = await collectionOf(versions).find({ planId: id }).sort({ version: -1 }).toArray();
      return rows.map((row) => planAtVersion(row, null));
    },
    /**
     * Stores version 1 and the plan. A repeat of the same creation returns the plan as it is now;
     * other content under the same id is rejected.
     */
    create: async (plan: Plan, body: unknown): Promise<Result<{ readonly plan: Plan; readonly isNew: boolean }>> => {
      const { id, archivedAt, ...content } = plan;
      const bodyHash = hashOf(body);
      const first = { _id: versionId(id, 1), planId: id, ...content, bodyHash };
      const isNew = (await insertNew(versions, [first])).has(first._id);
      const stored = isNew ? first : await storedVersion(first._id);
      if (stored.bodyHash !== bodyHash) return reject('already-exists', `A plan with the id ${id} already exists with different content.`);
      const { _id, planId, ...rest } = stored;
      await insertNew(plans, [{ ...rest, _id: id, archivedAt: null }]);
      return accept({ plan: (await current(id)) as Plan, isNew });
    },
    /**
     * Stores the next version, numbered without a gap even under races. Content that equals an
     * existing version returns that version.
     */
    addVersion: async (id: string, content: PlanContent, now: Instant): Promise<Plan | undefined> => {
      const bodyHash = hashOf(content);
      for (;;) {
        const plan = await current(id);
        if (plan === undefined) return undefined;
        const same = await collectionOf(versions).findOne({ planId: id, bodyHash });
        if (same !== null && same.version <= plan.version) return { ...plan, ...content, version: same.version, createdAt: same.createdAt };
        const version = plan.version + 1;
        const { family, addOn, productId } = plan;
        const next = { _id: versionId(id, version), planId: id, ...content, family, addOn, productId, version, createdAt: now, bodyHash };
        await insertNew(versions, [next]);
        await pointTo(plan, await storedVersion(next._id));
      }
    },
    /** Archives at an instant, or puts on sale again with null. */
    archive: async (id: string, at: Instant | null): Promise<Plan | undefined> => {
      await collectionOf(plans).updateOne({ _id: id }, { $set: { archivedAt: at } });
      return current(id);
    },
  };
}

export const planOf = ({ _id, bodyHash: _, ...plan }: PlanDocument): Plan => ({ id: _id, ...plan });

const planAtVersion = ({ _id, planId: id, bodyHash, ...content }: VersionDocument, archivedAt: Instant | null): Plan => ({
  ...content,
  id,
  archivedAt,
});
