import type { RiskAnswer, RiskQuestion } from '../shared/risk-check.ts';
import { allowed } from '../shared/risk-check.ts';
import { type Instant, millisOf, plusMillis } from '../shared/time.ts';
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

type Reason = RiskAnswer['reasons'][number];
type Start = Extract<RiskQuestion, { kind: 'subscription-start' }>;

export const tallyOfMethods = (customerId: string): Tally => ({ kind: 'methods', secret: customerId, of: '' });
export const tallyOfFailedChecks = (customerId: string): Tally => ({ kind: 'failed-checks', secret: customerId, of: '' });

const tooManyMethods: Reason = { code: 'too-many-payment-methods', message: 'Too many payment methods were tried for this customer.' };
const tooManyTrials: Reason = { code: 'too-many-trials', message: 'Too many trials were started from here.' };
const trialUsed = (what: string): Reason => ({
  code: 'trial-already-used',
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

const recent = ({ limit, marks }: Counted, now: Instant): Mark[] => marks.filter(({ at }) => at > plusMillis(now, -limit.windowMillis));

/** True where the one asking has its mark already, or there is room for it. */
export function hasRoom(counted: Counted, by: string, now: Instant): boolean {
  const marks = recent(counted, now);
  return marks.length < counted.limit.most || (!counted.limit.onlyLooks && marks.some((mark) => mark.by === by));
}

/** The marks that stand in the way and are old enough to be asked whether what they stand for ever began. */
export const doubtful = (counted: Counted, by: string, now: Instant): Mark[] =>
  hasRoom(counted, by, now) ? [] : recent(counted, now).filter(({ at }) => at <= plusMillis(now, -doubtMillis));

/** A start that began is in the audit trail long before. */
const doubtMillis = 10 * 60_000;

/**
 * The answer of the built-in rules to a question, from what was counted for its limits. A blocked country goes before all; a trial that was
 * had before is refused or left out as the rules say; where only time is lacking the answer says how much.
 */
export function answerTo(question: RiskQuestion, counted: readonly Counted[], rules: RiskRules, now: Instant): RiskAnswer {
  const blocked = blockedCountry(question, rules);
  if (blocked) return judged('refuse', [blocked]);
  const full = counted.filter((one) => !hasRoom(one, question.id, now));
  const mismatch = countryMismatch(question);
  const reasons = [...full.map(({ limit }) => limit.reason), ...(mismatch && rules.onCountryMismatch !== 'allow' ? [mismatch] : [])];
  if (reasons.length === 0) return allowed;
  if (full.some(({ limit }) => limit.reason.code === 'trial-already-used') && rules.onTrialUsed === 'no-trial')
    return { ...judged(mismatch && rules.onCountryMismatch === 'refuse' ? 'refuse' : 'review', reasons), withoutTrial: true };
  if (full.length === 0) return judged(rules.onCountryMismatch === 'refuse' ? 'refuse' : 'review', reasons);
  return judged('refuse', reasons, secondsUntilRoom(full, now));
}

const judged = (verdict: RiskAnswer['verdict'], reasons: Reason[], retryAfterSeconds: number | null = null): RiskAnswer => ({
  ...allowed,
  verdict,
  code: reasons[0]?.code ?? null,
  reasons,
  retryAfterSeconds,
});

/** Null where one of them is a claim to a trial, for which nobody waits. */
function secondsUntilRoom(full: readonly Counted[], now: Instant): number | null {
  if (full.some(({ limit }) => limit.reason.code === 'trial-already-used')) return null;
  const waits = full.map((one) => {
    const at = recent(one, now)
      .map((mark) => millisOf(mark.at))
      .sort((left, right) => left - right);
    return (at[at.length - one.limit.most] ?? millisOf(now)) + one.limit.windowMillis - millisOf(now);
  });
  return Math.max(1, Math.ceil(Math.max(...waits) / 1_000));
}

const cardOf = (question: RiskQuestion) => (question.kind === 'payment-method-offered' ? null : question.card);

/** The field to blame: whoever starts is named by the body; a method's card is its token's, and its customer none of its fields'. */
function blockedCountry(question: RiskQuestion, { blockedCountries }: RiskRules): Reason | undefined {
  const isStart = question.kind === 'subscription-start';
  if (blockedCountries.includes(question.country))
    return { code: 'country-blocked', message: 'Nothing is sold to customers of this country.', pointer: isStart ? '/customerId' : '' };
  if (!blockedCountries.includes(cardOf(question)?.country ?? '')) return undefined;
  return { code: 'country-blocked', message: 'Cards of this country are not taken.', pointer: isStart ? '/customerId' : '/token' };
}

function countryMismatch(question: RiskQuestion): Reason | undefined {
  const country = cardOf(question)?.country ?? question.country;
  if (country === question.country) return undefined;
  const pointer = question.kind === 'subscription-start' ? '/customerId' : '/token';
  return { code: 'country-mismatch', message: 'The card is of another country than the customer.', pointer };
}
