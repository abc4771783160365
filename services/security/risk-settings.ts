import { z } from 'zod';
import { country } from '../shared/fields.ts';

const hour = 3_600_000;

/** At most so many in so many hours; null switches the rule off. */
const velocity = (limit: number, hours: number) =>
  z
    .strictObject({ limit: z.number().int().min(1).max(1_000), hours: z.number().int().min(1).max(8_760) })
    .nullable()
    .default({ limit, hours });

const claim = { days: z.number().int().min(1).max(3_650).default(365) };

/** The rules of the built-in risk check. What is left out takes its default, null switches a rule off. */
export const riskRulesSchema = z.strictObject({
  /** Payment methods that one customer adds. */
  methodsPerCustomer: velocity(5, 24),
  /** Methods of one customer that their gateway refused when they were added: somebody tries stolen cards. */
  failedChecksPerCustomer: velocity(10, 24),
  trialsPerCustomer: velocity(5, 720),
  /** By the network address that a start names: an IPv4 address, or a /64 of IPv6. */
  trialsPerSource: velocity(10, 24),
  /** One trial per card and plan family. The tokens of the simulated gateway are everybody's, so they count only where `simulated` says so. */
  oneTrialPerCard: z
    .strictObject({ ...claim, simulated: z.boolean().default(false) })
    .nullable()
    .default({ days: 365, simulated: false }),
  /** One trial per household and plan family: the customer's `household`, or with `byAddress` the postal address of whoever has none. */
  oneTrialPerHousehold: z
    .strictObject({ ...claim, byAddress: z.boolean().default(true) })
    .nullable()
    .default({ days: 365, byAddress: true }),
  /** Whether a start whose trial was had before is refused, or goes ahead without one and is charged at once. */
  onTrialUsed: z.enum(['refuse', 'no-trial']).default('refuse'),
  /** Of the customer, and of the card where it is known. Nobody is exempt from these. */
  blockedCountries: z.array(country).max(300).default([]),
  /** For a card of another country than the customer's. */
  onCountryMismatch: z.enum(['allow', 'review', 'refuse']).default('review'),
});

export type RiskRules = z.infer<typeof riskRulesSchema>;

export const defaultRiskRules: RiskRules = riskRulesSchema.parse({});

export const millisOfHours = (hours: number): number => hours * hour;
export const millisOfDays = (days: number): number => days * 24 * hour;
