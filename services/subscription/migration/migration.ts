import { z } from 'zod';
import { instantSchema } from '../../../actors/subscription/terms-schemas.ts';
import type { Instant } from '../../shared/time.ts';
import type { TermsQuestion } from '../change.ts';
import type { SubscriptionDocument } from '../store.ts';

export const migrationBody = z
  .strictObject({
    fromVersion: z.number().int().min(1),
    toVersion: z.number().int().min(1),
    /** For each subscription: at once, at the end of its period, or at an instant; one that is over already is now. */
    effective: z.union([z.enum(['now', 'next-period']), instantSchema]),
    /** What is credited and charged where it takes effect within a period. */
    proration: z.enum(['prorate', 'none']).default('prorate'),
  })
  .refine(({ fromVersion, toVersion }) => fromVersion !== toVersion, { path: ['toVersion'], message: 'It is the version they have.' });

export type MigrationBody = z.infer<typeof migrationBody>;

/** Moving everybody who has one version of a plan, or of an add-on, to another one. */
export type Migration = MigrationBody & {
  readonly id: string;
  readonly planId: string;
  readonly status: 'running' | 'done';
  readonly createdAt: Instant;
  readonly finishedAt: Instant | null;
};

/** What came of it for one subscription. `unchanged`: it had the version already, or is to have it. */
export type MigrationOutcome = {
  readonly subscriptionId: string;
  readonly outcome: 'migrated' | 'unchanged' | 'refused';
  readonly code: string | null;
  readonly message: string | null;
};

type Bought = Pick<SubscriptionDocument, 'planId' | 'planVersion' | 'addOns'>;

/** The wish to have everything as it is, but this plan or add-on at another version. */
export function migratedQuestion(question: TermsQuestion, planId: string, { fromVersion, toVersion }: MigrationBody): TermsQuestion {
  const moved = <Item extends { planId: string; planVersion: number }>(item: Item): Item =>
    item.planId === planId && item.planVersion === fromVersion ? { ...item, planVersion: toVersion } : item;
  return { ...moved(question), addOns: question.addOns.map(moved), wish: { interval: question.interval } };
}

const versionOf = ({ planId, planVersion, addOns }: Bought, wanted: string): number | undefined =>
  planId === wanted ? planVersion : addOns.find((addOn) => addOn.planId === wanted)?.planVersion;

type Scheduled = Pick<SubscriptionDocument, 'scheduledChange'>;

/** What it is to become has the version already: by this migration, or with whatever else its subscriber has scheduled, which stays. */
export const isOnItsWay = ({ scheduledChange }: Scheduled, planId: string, toVersion: number): boolean =>
  scheduledChange !== null && versionOf(scheduledChange, planId) === toVersion;

/** A change that its subscriber has scheduled is not overwritten; one to the very version is no obstacle. */
export const hasOtherPlans = ({ scheduledChange }: Scheduled, planId: string, toVersion: number): boolean =>
  scheduledChange !== null && versionOf(scheduledChange, planId) !== toVersion;

export const changeScheduled = { code: 'change-scheduled', message: 'Its subscriber has scheduled another change, which stays.' } as const;

/** Matches the subscriptions that have the version and go on. */
export const havingVersion = (planId: string, version: number): Record<string, unknown> => ({
  status: { $nin: ['cancelled', 'expired', 'incomplete-expired'] },
  $or: [{ planId, planVersion: version }, { addOns: { $elemMatch: { planId, planVersion: version } } }],
});
