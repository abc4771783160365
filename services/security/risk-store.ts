import { createHmac, randomBytes } from 'node:crypto';
import { type Connection, Schema } from 'mongoose';
import type { PageQuery } from '../shared/list.ts';
import { collectionOf, documentModel, insertNew, type Page, pageOf } from '../shared/mongo.ts';
import type { Instant } from '../shared/time.ts';
import { defaultRiskRules, type RiskRules, riskRulesSchema } from './risk-settings.ts';

/** A decision to refuse or review. It holds no personal data, only hashes and ids. */
export type RiskDecision = {
  readonly _id: string;
  readonly kind: string;
  /** The payment method or subscription concerned. */
  readonly subject: string;
  readonly customerId: string;
  readonly testClock: string | null;
  readonly verdict: 'review' | 'refuse';
  readonly code: string;
  readonly reasons: readonly string[];
  /** True if the rules refused, and an exemption of the customer allowed it. */
  readonly exempted: boolean;
  readonly card: string | null;
  readonly country: string;
  /** Domain time; `createdAt` is system time. */
  readonly at: Instant;
  readonly createdAt: Instant;
};

/** An exemption from the risk rules; permanent if `until` is null. */
export type Exemption = { _id: string; until: Instant | null; by: string; createdAt: Instant };

type Setting = { _id: string; value: unknown };

/** The rules and their stored value, which is undefined while the default rules apply. */
export type RulesVersion = { readonly rules: RiskRules; readonly value: unknown };

export type RiskStore = ReturnType<typeof createRiskStore>;

export function createRiskStore(documents: Connection) {
  const settings = documentModel<Setting>(documents, 'risk_settings', { value: Schema.Types.Mixed });
  const exemptions = documentModel<Exemption>(documents, 'risk_exemptions', { until: String, by: String, createdAt: String });
  const texts = ['kind', 'subject', 'customerId', 'testClock', 'verdict', 'code', 'card', 'country', 'at', 'createdAt'];
  const decisions = documentModel<RiskDecision>(
    documents,
    'risk_decisions',
    { ...Object.fromEntries(texts.map((name) => [name, String])), reasons: [String], exempted: Boolean },
    [{ fields: { createdAt: -1, _id: -1 } }, { fields: { customerId: 1, createdAt: -1 } }],
  );
  let key: string | undefined;

  /** The key is created once for all processes, and never leaves the service. */
  const hashKey = async (): Promise<string> => {
    if (key !== undefined) return key;
    await insertNew(settings, [{ _id: 'hash-key', value: randomBytes(32).toString('hex') }]);
    const stored = await collectionOf(settings).findOne({ _id: 'hash-key' });
    key = String(stored?.value);
    return key;
  };

  const rulesVersion = async (): Promise<RulesVersion> => {
    const stored = await collectionOf(settings).findOne({ _id: 'rules' });
    return stored ? { rules: riskRulesSchema.parse(stored.value), value: stored.value } : { rules: defaultRiskRules, value: undefined };
  };

  return {
    rulesVersion,
    rules: async (): Promise<RiskRules> => (await rulesVersion()).rules,
    /**
     * Replaces the rules. With `before`, only while they are still stored like that; false where
     * they have changed.
     */
    setRules: async (rules: RiskRules, before?: RulesVersion): Promise<boolean> => {
      if (before !== undefined && before.value === undefined)
        return (await insertNew(settings, [{ _id: 'rules', value: rules }])).has('rules');
      const unchanged = { _id: 'rules', ...(before && { value: before.value }) };
      const { matchedCount, upsertedCount } = await collectionOf(settings).updateOne(
        unchanged,
        { $set: { value: rules } },
        { upsert: before === undefined },
      );
      return matchedCount + upsertedCount === 1;
    },
    /** A keyed hash: equal for equal texts, and useless without the key. */
    hashed: async (text: string): Promise<string> =>
      createHmac('sha256', await hashKey())
        .update(text)
        .digest('hex')
        .slice(0, 32),
    recordDecision: async (decision: RiskDecision): Promise<void> => {
      await insertNew(decisions, [decision]);
    },
    decisions: (filter: Readonly<Record<string, unknown>>, page: PageQuery): Promise<Page<RiskDecision>> => pageOf(decisions, filter, page),
    exempt: async ({ _id, ...exemption }: Exemption): Promise<void> => {
      await collectionOf(exemptions).updateOne({ _id }, { $set: exemption }, { upsert: true });
    },
    /** Returns false if the customer had no exemption. */
    endExemption: async (customerId: string): Promise<boolean> =>
      (await collectionOf(exemptions).deleteOne({ _id: customerId })).deletedCount === 1,
    isExempt: async (customerId: string, now: Instant): Promise<boolean> => {
      const exemption = await collectionOf(exemptions).findOne({ _id: customerId });
      return exemption !== null && (exemption.until === null || exemption.until > now);
    },
  };
}
