import type { RiskAnswer, RiskQuestion } from '../shared/contracts/risk-check.ts';
import { type Instant, plusMillis } from '../shared/time.ts';
import { householdOf, networkOf } from './risk-identity.ts';
import { millisOfDays, millisOfHours, type RiskRules } from './risk-settings.ts';

/** Something that happened once, and what it was about: a method, a subscription. */
export type Mark = { readonly by: string; readonly at: Instant };

/** What is counted together: a kind, and whose it is. `secret` is kept as a hash only. */
export type Tally = { readonly kind: string; readonly secret: string; readonly of: string };

/** At most so many marks in a window of time. A question that is allowed leaves its mark, unless it `onlyLooks`. */
export type Limit = {
  readonly tally: Tally;
  readonly most: number;
  readonly windowMillis: number;
  readonly reason: Reason;
  readonly onlyLooks?: true;
};

export type Counted = { readonly limit: Limit; readonly marks: readonly Mark[] };

export type Reason = RiskAnswer['reasons'][number];
type Start = Extract<RiskQuestion, { kind: 'subscription-start' }>;

export const tallyOfMethods = (customerId: string): Tally => ({ kind: 'methods', secret: customerId, of: '' });
export const tallyOfFailedChecks = (customerId: string): Tally => ({ kind: 'failed-checks', secret: customerId, of: '' });

const tooManyMethods: Reason = { code: 'too-many-payment-methods', message: 'Too many payment methods were tried for this customer.' };
const tooManyTrials: Reason = { code: 'too-many-trials', message: 'Too many trials were started from here.' };
export const trialAlreadyUsed = 'trial-already-used';
const trialUsed = (what: string): Reason => ({
  code: trialAlreadyUsed,
  message: `The trial of this plan was had with this ${what} before; ask with trialDays 0 to start without one.`,
  pointer: '/planId',
});

/** What must not be full for the question to be allowed; a trial that was had goes before one that comes too soon. */
export function limitsOf(question: RiskQuestion, rules: RiskRules): readonly Limit[] {
  if (question.kind === 'payment-method-checked') return [];
  if (question.kind === 'payment-method-offered') {
    const { methodsPerCustomer, failedChecksPerCustomer } = rules;
    const failed = velocity(failedChecksPerCustomer, tallyOfFailedChecks(question.customerId), tooManyMethods);
    return [...velocity(methodsPerCustomer, tallyOfMethods(question.customerId), tooManyMethods), ...failed.map(looking)];
  }
  return question.trialOf === null ? [] : [...claims(question, question.trialOf, rules), ...trialVelocity(question, rules)];
}

const looking = (limit: Limit): Limit => ({ ...limit, onlyLooks: true });

function claims(question: Start, family: string, { oneTrialPerCard, oneTrialPerHousehold }: RiskRules): Limit[] {
  const { card } = question;
  const isCounted = card?.gateway !== 'simulated' || oneTrialPerCard?.simulated === true;
  const fingerprint = isCounted ? (card?.fingerprint ?? null) : null;
  const household = householdOf(question, oneTrialPerHousehold?.byAddress ?? false);
  return [...claim(oneTrialPerCard, 'card', fingerprint, family), ...claim(oneTrialPerHousehold, 'household', household, family)];
}

function claim(rule: { readonly days: number } | null, kind: string, secret: string | null, of: string): Limit[] {
  if (rule === null || secret === null) return [];
  return [{ tally: { kind, secret, of }, most: 1, windowMillis: millisOfDays(rule.days), reason: trialUsed(kind) }];
}

function trialVelocity({ customerId, sourceAddress }: Start, { trialsPerCustomer, trialsPerSource }: RiskRules): Limit[] {
  const network = sourceAddress === null ? null : networkOf(sourceAddress);
  const ofSource = network === null ? [] : velocity(trialsPerSource, { kind: 'source', secret: network, of: '' }, tooManyTrials);
  return [...velocity(trialsPerCustomer, { kind: 'trials', secret: customerId, of: '' }, tooManyTrials), ...ofSource];
}

function velocity(rule: { readonly limit: number; readonly hours: number } | null, tally: Tally, reason: Reason): Limit[] {
  return rule === null ? [] : [{ tally, most: rule.limit, windowMillis: millisOfHours(rule.hours), reason }];
}

/** The marks that are still in the window. */
export const recent = ({ limit, marks }: Counted, now: Instant): Mark[] =>
  marks.filter(({ at }) => at > plusMillis(now, -limit.windowMillis));

/** True where the one asking has its mark already, or there is room for it. */
export function hasRoom(counted: Counted, by: string, now: Instant): boolean {
  const marks = recent(counted, now);
  return marks.length < counted.limit.most || (!counted.limit.onlyLooks && marks.some((mark) => mark.by === by));
}
