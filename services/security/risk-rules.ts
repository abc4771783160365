import { allowed, type RiskAnswer, type RiskQuestion } from '../shared/contracts/risk-check.ts';
import { type Instant, millisOf, plusMillis } from '../shared/time.ts';
import { type Counted, hasRoom, type Mark, type Reason, recent, trialAlreadyUsed } from './risk-limits.ts';
import type { RiskRules } from './risk-settings.ts';

/** The marks of a full limit that are old enough to belong to an interrupted start. */
export const possiblyAbandoned = (counted: Counted, by: string, now: Instant): Mark[] =>
  hasRoom(counted, by, now) ? [] : recent(counted, now).filter(({ at }) => at <= plusMillis(now, -abandonedAfterMillis));

/** After this time, a successful start is certainly in the audit trail. */
const abandonedAfterMillis = 10 * 60_000;

/**
 * The result of the built-in rules for a request and the counts of its limits. A refused country
 * comes first. A used trial is refused or dropped, as the rules say. If the limits free up later,
 * the result says after how many seconds.
 */
export function riskAnswerOf(question: RiskQuestion, counted: readonly Counted[], rules: RiskRules, now: Instant): RiskAnswer {
  const mismatch = countryMismatch(question);
  const refused = blockedCountry(question, rules) ?? (rules.onCountryMismatch === 'refuse' ? mismatch : undefined);
  if (refused) return answerWith('refuse', [refused]);
  const full = counted.filter((one) => !hasRoom(one, question.id, now));
  const mismatches = mismatch && rules.onCountryMismatch === 'review' ? [mismatch] : [];
  const reasons = [...full.map(({ limit }) => limit.reason), ...mismatches];
  if (reasons.length === 0) return allowed;
  if (full.length === 0) return answerWith('review', reasons);
  if (full.some(isTrialUsed) && rules.onTrialUsed === 'no-trial') return { ...answerWith('review', reasons), withoutTrial: true };
  return answerWith('refuse', reasons, full.some(isTrialUsed) ? null : secondsUntilRoom(full, now));
}

const isTrialUsed = ({ limit }: Counted): boolean => limit.reason.code === trialAlreadyUsed;

const answerWith = (verdict: RiskAnswer['verdict'], reasons: Reason[], retryAfterSeconds: number | null = null): RiskAnswer => ({
  ...allowed,
  verdict,
  code: reasons[0]?.code ?? null,
  reasons,
  retryAfterSeconds,
});

function secondsUntilRoom(full: readonly Counted[], now: Instant): number {
  const waits = full.map((one) => {
    const at = recent(one, now)
      .map((mark) => millisOf(mark.at))
      .sort((left, right) => left - right);
    return (at[at.length - one.limit.most] ?? millisOf(now)) + one.limit.windowMillis - millisOf(now);
  });
  return Math.max(1, Math.ceil(Math.max(...waits) / 1_000));
}

const cardOf = (question: RiskQuestion) => (question.kind === 'payment-method-offered' ? null : question.card);

/**
 * The refusal of a country. A start is refused at `/customerId`; a card at the field of its token;
 * a customer who adds a payment method at no field, because the body does not name the customer.
 */
function blockedCountry(question: RiskQuestion, { blockedCountries }: RiskRules): Reason | undefined {
  const isStart = question.kind === 'subscription-start';
  if (blockedCountries.includes(question.country))
    return { code: 'country-blocked', message: 'Customers in this country are not served.', pointer: isStart ? '/customerId' : '' };
  if (!blockedCountries.includes(cardOf(question)?.country ?? '')) return undefined;
  return { code: 'country-blocked', message: 'Cards from this country are not accepted.', pointer: isStart ? '/customerId' : '/token' };
}

function countryMismatch(question: RiskQuestion): Reason | undefined {
  const country = cardOf(question)?.country ?? question.country;
  if (country === question.country) return undefined;
  const pointer = question.kind === 'subscription-start' ? '/customerId' : '/token';
  return { code: 'country-mismatch', message: 'The card was issued in another country than that of the customer.', pointer };
}
