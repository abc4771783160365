import { allowed, type RiskAnswer, type RiskCheck, type RiskQuestion } from '../shared/contracts/risk-check.ts';
import { nowOn } from '../shared/domain-time.ts';
import { eventId } from '../shared/events.ts';
import type { Platform } from '../shared/service.ts';
import type { Instant } from '../shared/time.ts';
import { type Limit, limitsOf, type Tally, tallyOfFailedChecks, tallyOfMethods } from './risk-limits.ts';
import { possiblyAbandoned, riskAnswerOf } from './risk-rules.ts';
import type { RiskStore } from './risk-store.ts';
import type { Located, RiskTallies } from './risk-tallies.ts';

/** The number of lost races after which the check fails. */
const maxRounds = 20;

/**
 * The built-in risk check: it applies the rules to the counted marks, and adds marks for an allowed
 * request. A repeat of the request is counted once. `hasHappened` says whether the audit trail has
 * an event.
 */
export function builtInRiskCheck(
  platform: Platform,
  store: RiskStore,
  tallies: RiskTallies,
  hasHappened: (eventId: string) => Promise<boolean>,
): RiskCheck {
  /** The id of a limit. Limits of different test clocks are separate. */
  const idOf = async ({ testClock }: RiskQuestion, { kind, secret, of }: Tally): Promise<string> =>
    [testClock ?? '', kind, await store.hashed(secret), of].join(':');
  const locate = (question: RiskQuestion, limits: readonly Limit[]): Promise<Located[]> =>
    Promise.all(limits.map(async (limit) => ({ id: await idOf(question, limit.tally), limit })));

  /** Counts a refused payment method as a failed check instead of an added method. */
  const countFailure = async (question: RiskQuestion, now: Instant): Promise<void> => {
    const [added, failed] = [tallyOfMethods(question.customerId), tallyOfFailedChecks(question.customerId)];
    const limit = { tally: failed, most: maxFailuresKept, windowMillis: yearMillis, reason: { code: '', message: '' } };
    await tallies.claim({ id: await idOf(question, failed), limit }, question.id, now);
    await tallies.release(await idOf(question, added), question.id);
  };

  /**
   * Releases the marks of interrupted starts, which have no event in the audit trail. Returns true
   * if any mark was released.
   */
  const releaseAbandoned = async (located: readonly Located[], by: string, now: Instant): Promise<boolean> => {
    let hasReleased = false;
    for (const [index, counted] of (await tallies.counted(located)).entries()) {
      for (const mark of possiblyAbandoned(counted, by, now)) {
        if (await hasHappened(eventId(mark.by, 1))) continue;
        await tallies.release(located[index]?.id ?? '', mark.by);
        hasReleased = true;
      }
    }
    return hasReleased;
  };

  return async (question) => {
    const [rules, now] = await Promise.all([store.rules(), nowOn(platform, question.testClock)]);
    if (question.kind === 'payment-method-checked' && question.isRefused) await countFailure(question, now);
    const located = await locate(question, limitsOf(question, rules));
    for (let round = 0; round < maxRounds; round++) {
      const answer = riskAnswerOf(question, await tallies.counted(located), rules, now);
      const isRestricted = answer.verdict === 'refuse' || answer.withoutTrial;
      if (isRestricted && question.kind === 'subscription-start' && (await releaseAbandoned(located, question.id, now))) continue;
      if (isRestricted) return answer;
      const claimed = await tallies.claimAll(located, question.id, now);
      if (claimed) return { ...answer, taken: claimed };
    }
    throw new Error('the risk check lost too many races');
  };
}

const maxFailuresKept = 1_000;
const yearMillis = 365 * 86_400_000;

/**
 * Records each decision to refuse or review, and allows the requests of exempted customers. An
 * exemption does not lift a blocked country.
 */
export function withDecisionLog(check: RiskCheck, store: RiskStore, platform: Platform): RiskCheck {
  return async (question) => {
    const answer = await check(question);
    if (answer.verdict === 'allow') return answer;
    const now = await nowOn(platform, question.testClock);
    const isLiftable = (answer.verdict === 'refuse' || answer.withoutTrial) && answer.code !== 'country-blocked';
    const exempted = isLiftable && (await store.isExempt(question.customerId, platform.now()));
    await store.recordDecision(await decisionOn(question, answer, { exempted, at: now, createdAt: platform.now() }, store));
    return exempted ? allowed : answer;
  };
}

async function decisionOn(
  question: RiskQuestion,
  { verdict, code, reasons }: RiskAnswer,
  when: { exempted: boolean; at: Instant; createdAt: Instant },
  store: RiskStore,
) {
  const { kind, id, customerId, testClock, country } = question;
  const fingerprint = 'card' in question ? (question.card?.fingerprint ?? null) : null;
  const stable = code ?? 'unnamed';
  return {
    ...{ _id: [kind, id, stable, verdict].join(':'), kind, subject: id, customerId, testClock, country },
    ...{ verdict: verdict === 'refuse' ? verdict : ('review' as const), code: stable, ...when },
    reasons: reasons.map((reason) => reason.code),
    card: fingerprint === null ? null : await store.hashed(fingerprint),
  };
}
