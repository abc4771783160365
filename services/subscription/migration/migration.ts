import { z } from 'zod';
import { instant, utcInstant } from '../../shared/fields.ts';
import type { Instant } from '../../shared/time.ts';
import type { TermsQuery } from '../change.ts';
import type { SubscriptionDocument } from '../store.ts';

export const migrationBody = z
  .strictObject({
    fromVersion: z.number().int().min(1),
    toVersion: z.number().int().min(1),
    effective: z
      .union([z.enum(['now', 'next-period']), instant])
      .meta({ description: 'When each subscription changes: now, at the end of its period, or at an instant; a past instant means now' }),
    proration: z
      .enum(['prorate', 'none'])
      .default('prorate')
      .meta({ description: 'Whether a change within a period credits and charges the difference' }),
  })
  .refine(({ fromVersion, toVersion }) => fromVersion !== toVersion, {
    path: ['toVersion'],
    message: 'toVersion must differ from fromVersion.',
  })
  .meta({ id: 'CreatePlanMigration' });

export type MigrationBody = z.infer<typeof migrationBody>;

/** A move of all subscriptions that have one version of a plan or add-on to another version. */
export type Migration = MigrationBody & {
  readonly id: string;
  readonly planId: string;
  readonly status: 'running' | 'done';
  readonly createdAt: Instant;
  readonly finishedAt: Instant | null;
};

/**
 * The outcome of a migration for one subscription. `unchanged`: it has the version already, or is
 * scheduled to have it.
 */
export type MigrationOutcome = {
  readonly subscriptionId: string;
  readonly outcome: 'migrated' | 'unchanged' | 'refused';
  readonly code: string | null;
  readonly message: string | null;
};

const migrationFields = {
  id: z.string(),
  planId: z.string(),
  fromVersion: z.int(),
  toVersion: z.int(),
  effective: z.union([z.enum(['now', 'next-period']), utcInstant]),
  proration: z.enum(['prorate', 'none']),
  status: z.enum(['running', 'done']),
  createdAt: utcInstant,
  finishedAt: utcInstant.nullable(),
};

export const migrationSchema = z
  .object(migrationFields)
  .meta({ id: 'PlanMigration', description: 'A move of all subscriptions of one plan version to another' });

export const migrationProgressSchema = z
  .object({ ...migrationFields, counts: z.object({ migrated: z.int(), unchanged: z.int(), refused: z.int() }) })
  .meta({ id: 'PlanMigrationProgress', description: 'A migration, and the number of subscriptions by outcome so far' });

export const migrationRefusalSchema = z
  .object({
    subscriptionId: z.string(),
    outcome: z.literal('refused'),
    code: z.string().nullable().meta({ description: 'Problem code of the refusal' }),
    message: z.string().nullable(),
  })
  .meta({ id: 'PlanMigrationRefusal', description: 'A subscription that was not migrated, and why' });

type Bought = Pick<SubscriptionDocument, 'planId' | 'planVersion' | 'addOns'>;

/** The query for unchanged terms, except that this plan or add-on is at the new version. */
export function migratedQuery(query: TermsQuery, planId: string, { fromVersion, toVersion }: MigrationBody): TermsQuery {
  const moved = <Item extends { planId: string; planVersion: number }>(item: Item): Item =>
    item.planId === planId && item.planVersion === fromVersion ? { ...item, planVersion: toVersion } : item;
  return { ...moved(query), addOns: query.addOns.map(moved), wish: { interval: query.interval } };
}

const versionOf = ({ planId, planVersion, addOns }: Bought, wanted: string): number | undefined =>
  planId === wanted ? planVersion : addOns.find((addOn) => addOn.planId === wanted)?.planVersion;

type Scheduled = Pick<SubscriptionDocument, 'scheduledChange'>;

/**
 * True if the scheduled change of the subscription, by this migration or another request, leads to
 * the new version.
 */
export const isScheduledTo = ({ scheduledChange }: Scheduled, planId: string, toVersion: number): boolean =>
  scheduledChange !== null && versionOf(scheduledChange, planId) === toVersion;

/** True if the subscription has another change scheduled, which a migration does not overwrite. */
export const hasOtherChange = ({ scheduledChange }: Scheduled, planId: string, toVersion: number): boolean =>
  scheduledChange !== null && versionOf(scheduledChange, planId) !== toVersion;

export const changeScheduled = {
  code: 'change-scheduled',
  message: 'The subscription has another scheduled change, which is kept.',
} as const;

/** Filter for the living subscriptions that have this version. */
export const livingWithVersion = (planId: string, version: number) => ({
  status: { $nin: ['cancelled', 'expired', 'incomplete-expired'] as ('cancelled' | 'expired' | 'incomplete-expired')[] },
  $or: [{ planId, planVersion: version }, { addOns: { $elemMatch: { planId, planVersion: version } } }],
});
