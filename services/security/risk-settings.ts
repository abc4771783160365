import { z } from 'zod';
import { country } from '../shared/fields.ts';

const hour = 3_600_000;

/** At most `limit` in `hours`; null switches the rule off. */
const velocity = (limit: number, hours: number) =>
  z
    .strictObject({ limit: z.number().int().min(1).max(1_000), hours: z.number().int().min(1).max(8_760) })
    .nullable()
    .default({ limit, hours });

const claim = { days: z.number().int().min(1).max(3_650).default(365) };

/** The built-in risk rules. An absent rule takes its default; null switches it off. */
export const riskRulesSchema = z.strictObject({
  /** The number of payment methods that one customer adds. */
  methodsPerCustomer: velocity(5, 24),
  /** Payment methods that the gateway refused, a sign of stolen cards being tested. */
  failedChecksPerCustomer: velocity(10, 24),
  trialsPerCustomer: velocity(5, 720),
  /** Counted by the network of the request: an IPv4 address or an IPv6 /64. */
  trialsPerSource: velocity(10, 24),
  /**
   * One trial per card and plan family. Cards of the simulated gateway are shared, so they count
   * only with `simulated`.
   */
  oneTrialPerCard: z
    .strictObject({ ...claim, simulated: z.boolean().default(false) })
    .nullable()
    .default({ days: 365, simulated: false }),
  /**
   * One trial per household and plan family: the `household` of the customer, or with `byAddress`
   * the postal address of a customer without one.
   */
  oneTrialPerHousehold: z
    .strictObject({ ...claim, byAddress: z.boolean().default(true) })
    .nullable()
    .default({ days: 365, byAddress: true }),
  /** A start with a used trial is refused, or proceeds without it and is charged immediately. */
  onTrialUsed: z.enum(['refuse', 'no-trial']).default('refuse'),
  /** Countries of customers and cards; no exemption applies to them. */
  blockedCountries: z.array(country).max(300).default([]),
  /** The verdict if the card and the customer have different countries. */
  onCountryMismatch: z.enum(['allow', 'review', 'refuse']).default('review'),
});

export type RiskRules = z.infer<typeof riskRulesSchema>;

export const defaultRiskRules: RiskRules = riskRulesSchema.parse({});

export const millisOfHours = (hours: number): number => hours * hour;
export const millisOfDays = (days: number): number => days * 24 * hour;
