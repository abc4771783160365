import type { Connection } from 'mongoose';
import { hashOf } from '../../shared/idempotency.ts';
import { documentModel, insertNew } from '../../shared/mongo.ts';
import { accept, type Result, reject } from '../../shared/result.ts';
import type { Instant } from '../../shared/time.ts';
import type { Plan, PlanContent } from './plan.ts';

type VersionDocument = Omit<Plan, 'id' | 'archivedAt'> & { _id: string; planId: string; bodyHash: string };
export type PlanDocument = Omit<Plan, 'id'> & { _id: string; bodyHash: string };

export type PlanStore = ReturnType<typeof openPlans>;

const versionId = (planId: string, version: number): string => `${planId}|${version}`;

/**
 * A plan is a document that points to its current version; each version is a document of its own that never changes. A version is stored
 * before the plan points to it, so a crash in between leaves one that the next creation takes up.
 */
export function openPlans(documents: Connection) {
  const anything = {};
  const fields = {
    ...{ version: Number, name: anything, family: String, addOn: Boolean, prices: anything, tiers: anything, trialDays: Number },
    ...{
      trialRequiresPaymentMethod: Boolean,
      taxBehaviour: String,
      billing: String,
      minQuantity: Number,
      maxQuantity: Number,
      entitlements: anything,
    },
    ...{ createdAt: String, bodyHash: String, productId: String },
  };
  const plans = documentModel<PlanDocument>(documents, 'plans', { ...fields, archivedAt: String });
  const versions = documentModel<VersionDocument>(documents, 'plan_versions', { ...fields, planId: String }, [{ fields: { planId: 1 } }]);

  const current = async (id: string): Promise<Plan | undefined> => {
    const row = (await plans.findById(id).lean()) as PlanDocument | null;
    return row ? planOf(row) : undefined;
  };

  /** Moves the plan on to a stored version that follows its own. False where another was faster. */
  const pointTo = async (plan: Plan, { _id, planId, bodyHash, ...content }: VersionDocument): Promise<boolean> => {
    const replacement = { ...content, bodyHash, archivedAt: plan.archivedAt };
    const { matchedCount } = await plans.collection.replaceOne({ _id: plan.id, version: plan.version } as never, replacement as never);
    return matchedCount === 1;
  };

  return {
    plans,
    current,
    /** The plan as it is now, or as a version of it was; a rejection for one that is not there. */
    at: async (id: string, version?: number): Promise<Result<Plan>> => {
      const plan = await current(id);
      if (plan === undefined) return reject('plan-not-found', `There is no plan ${id}.`, '/planId');
      if (version === undefined || version === plan.version) return accept(plan);
      const row = (await versions.findById(versionId(id, version)).lean()) as VersionDocument | null;
      if (row === null) return reject('plan-version-not-found', `${id} has no version ${version}.`, '/planVersion');
      const { _id, planId, bodyHash, ...content } = row;
      return accept({ ...content, id, archivedAt: plan.archivedAt });
    },
    /** The plans and add-ons that sell a product, as they are now. */
    ofProduct: async (productId: string): Promise<Plan[]> =>
      ((await plans.find({ productId }).sort({ createdAt: 1 }).limit(200).lean()) as unknown as PlanDocument[]).map(planOf),
    versionsOf: async (id: string): Promise<Plan[]> => {
      const rows = (await versions.find({ planId: id }).sort({ version: -1 }).lean()) as unknown as VersionDocument[];
      return rows.map(({ _id, planId, bodyHash, ...content }) => ({ ...content, id, archivedAt: null }));
    },
    /** Stores version 1 and the plan. The same creation again answers the plan as it is; another one under its id is refused. */
    create: async (plan: Plan, body: object): Promise<Result<{ readonly plan: Plan; readonly isNew: boolean }>> => {
      const { id, archivedAt, ...content } = plan;
      const bodyHash = hashOf(body);
      const first = { _id: versionId(id, 1), planId: id, ...content, bodyHash };
      const isNew = (await insertNew(versions, [first])).has(first._id);
      const stored = isNew ? first : ((await versions.findById(first._id).lean()) as VersionDocument);
      if (stored.bodyHash !== bodyHash) return reject('already-exists', `The plan ${id} exists with other content.`);
      const { _id, planId, ...rest } = stored;
      await insertNew(plans, [{ ...rest, _id: id, archivedAt: null }]);
      return accept({ plan: (await current(id)) as Plan, isNew });
    },
    /** The next version, numbered without a gap also under races; content that is a version already answers that one. */
    addVersion: async (id: string, content: PlanContent, now: Instant): Promise<Plan | undefined> => {
      const bodyHash = hashOf(content);
      for (;;) {
        const plan = await current(id);
        if (plan === undefined) return undefined;
        const same = (await versions.findOne({ planId: id, bodyHash }).lean()) as VersionDocument | null;
        if (same !== null && same.version <= plan.version) return { ...plan, ...content, version: same.version, createdAt: same.createdAt };
        const version = plan.version + 1;
        const { family, addOn, productId } = plan;
        const next = { _id: versionId(id, version), planId: id, ...content, family, addOn, productId, version, createdAt: now, bodyHash };
        await insertNew(versions, [next]);
        await pointTo(plan, (await versions.findById(next._id).lean()) as VersionDocument);
      }
    },
    archive: async (id: string, at: Instant | null): Promise<Plan | undefined> => {
      await plans.collection.updateOne({ _id: id } as never, { $set: { archivedAt: at } });
      return current(id);
    },
  };
}

export const planOf = ({ _id, bodyHash: _, ...plan }: PlanDocument): Plan => ({ id: _id, ...plan });
