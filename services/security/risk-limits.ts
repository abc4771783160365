import type { RiskAnswer, RiskQuestion } from '../shared/contracts/risk-check.ts';
import { type Instant, plusMillis } from '../shared/time.ts';
import { householdOf, networkOf } from './risk-identity.ts';
import { millisOfDays, millisOfHours, type RiskRules } from './risk-settings.ts';

/** One counted use of a limit; `by` is the id of the payment method or subscription. */
export type Mark = { readonly by: string; readonly at: Instant };

/** The key of a count: its kind and its subject. `secret` is stored only as a hash. */
export type Tally = { readonly kind: string; readonly secret: string; readonly of: string };

/** At most `most` marks in a time window. An allowed request adds a mark, unless `checkOnly`. */
export type Limit = {
  readonly tally: Tally;
  readonly most: number;
  readonly windowMillis: number;
  readonly reason: Reason;
  readonly checkOnly?: true;
};

export type Counted = { readonly limit: Limit; readonly marks: readonly Mark[] };

export type Reason = RiskAnswer['reasons'][number];
type Start = Extract<RiskQuestion, { kind: 'subscription-start' }>;

export const tallyOfMethods = (customerId: string): Tally => ({ kind: 'methods', secret: customerId, of: '' });
export const tallyOfFailedChecks = (customerId: string): Tally => ({ kind: 'failed-checks', secret: customerId, of: '' });

const tooManyMethods: Reason = { code: 'too-many-payment-methods', message: 'Too many payment methods were tried for this customer.' };
const tooManyTrials: Reason = { code: 'too-many-trials', message: 'Too many trials were started by this customer or from this network.' };
export const trialAlreadyUsed = 'trial-already-used';
const trialUsed = (noun: 'card' | 'household'): Reason => ({
  code: trialAlreadyUsed,
  message: `This ${noun} has already had a trial of this plan. Set trialDays to 0 to start without a trial.`,
  pointer: '/planId',
});

/** The limits that a request must not exceed; used trials come before velocity limits. */
export function limitsOf(question: RiskQuestion, rules: RiskRules): readonly Limit[] {
  if (question.kind === 'payment-method-checked') return [];
  if (question.kind === 'payment-method-offered') {
    const { methodsPerCustomer, failedChecksPerCustomer } = rules;
    const failed = velocityLimits(failedChecksPerCustomer, tallyOfFailedChecks(question.customerId), tooManyMethods);
    return [...velocityLimits(methodsPerCustomer, tallyOfMethods(question.customerId), tooManyMethods), ...failed.map(asCheckOnly)];
  }
  return question.trialOf === null ? [] : [...trialLimits(question, question.trialOf, rules), ...trialVelocityLimits(question, rules)];
}

const asCheckOnly = (limit: Limit): Limit => ({ ...limit, checkOnly: true });

function trialLimits(question: Start, family: string, { oneTrialPerCard, oneTrialPerHousehold }: RiskRules): Limit[] {
  const { card } = question;
  const isCounted = card?.gateway !== 'simulated' || oneTrialPerCard?.simulated === true;
  const fingerprint = isCounted ? (card?.fingerprint ?? null) : null;
  const household = householdOf(question, oneTrialPerHousehold?.byAddress ?? false);
  return [...trialLimit(oneTrialPerCard, 'card', fingerprint, family), ...trialLimit(oneTrialPerHousehold, 'household', household, family)];
}

function trialLimit(rule: { readonly days: number } | null, kind: 'card' | 'household', secret: string | null, of: string): Limit[] {
  if (rule === null || secret === null) return [];
  return [{ tally: { kind, secret, of }, most: 1, windowMillis: millisOfDays(rule.days), reason: trialUsed(kind) }];
}

function trialVelocityLimits({ customerId, sourceAddress }: Start, { trialsPerCustomer, trialsPerSource }: RiskRules): Limit[] {
  const network = sourceAddress === null ? null : networkOf(sourceAddress);
  const ofSource = network === null ? [] : velocityLimits(trialsPerSource, { kind: 'source', secret: network, of: '' }, tooManyTrials);
  return [...velocityLimits(trialsPerCustomer, { kind: 'trials', secret: customerId, of: '' }, tooManyTrials), ...ofSource];
}

function velocityLimits(rule: { readonly limit: number; readonly hours: number } | null, tally: Tally, reason: Reason): Limit[] {
  return rule === null ? [] : [{ tally, most: rule.limit, windowMillis: millisOfHours(rule.hours), reason }];
}

/** The marks inside the time window. */
export const recent = ({ limit, marks }: Counted, now: Instant): Mark[] =>
  marks.filter(({ at }) => at > plusMillis(now, -limit.windowMillis));

/** True if the request already has its mark, or the limit has room for it. */
export function hasRoom(counted: Counted, by: string, now: Instant): boolean {
  const marks = recent(counted, now);
  return marks.length < counted.limit.most || (!counted.limit.checkOnly && marks.some((mark) => mark.by === by));
}
