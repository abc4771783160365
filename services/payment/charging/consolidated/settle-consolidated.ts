import type { Platform } from '../../../shared/service.ts';
import { type Instant, millisOf } from '../../../shared/time.ts';
import { gatewayOf } from '../../gateways/gateways.ts';
import type { AttemptOutcome, Payment } from '../../payment.ts';
import type { PaymentStore } from '../../store.ts';
import { charge, continueAuthenticated } from '../attempt.ts';
import { type Decline, intentCancelled, isUnsettled, type Unsettled } from '../attempt-outcome.ts';
import { keyLifetimeMillis, lookUpAttempt, mustNoteSending } from '../look-up.ts';
import { currentMethods } from '../methods.ts';
import { type SettleResult, settleAttempt, settleOutcome } from '../settle-attempt.ts';
import type { SettleParts, SettlePayment } from '../settle-payment.ts';
import { awaits, type ConsolidatedPayment, chargedMembers, consolidatedAttempt, continuedWith, totalOf } from './consolidated-payment.ts';
import type { ConsolidatedStore } from './consolidated-store.ts';

export type ConsolidatedParts = SettleParts & {
  readonly consolidatedPayments: ConsolidatedStore;
  /** Settles a payment that is charged alone. */
  readonly settleAlone: SettlePayment;
};

/**
 * Settles payments, those of one consolidation together by one attempt. Each stays `processing`
 * until the events of all are published, so whichever the payment sweep finds after a crash brings
 * the same responses by the same keys, and settles those that are left.
 */
export function createSettleConsolidated(parts: ConsolidatedParts): SettlePayment {
  const { store, consolidatedPayments, settleAlone } = parts;
  /**
   * Charges that this process is settling: another payment of the same charge only waits for it.
   */
  const running = new Map<string, Promise<SettleResult>>();

  const settleTogether = (consolidated: ConsolidatedPayment, payment: Payment): Promise<SettleResult> => {
    const key = `${consolidated._id}:${payment.step}`;
    const work = running.get(key) ?? settleAll(parts, consolidated, payment).finally(() => running.delete(key));
    running.set(key, work);
    return work;
  };

  return async (payment) => {
    if (!payment.jointId || payment.step === 'pending' || payment.decided) return settleAlone(payment);
    const recorded = await consolidatedPayments.find(payment.jointId);
    if (payment.status === 'cancelled') return cancelMember(parts, recorded, payment);
    if (payment.attempt > 1) return separate(parts, recorded, payment);
    const consolidated = recorded.charged === null ? await decideCharge(parts, recorded) : recorded;
    if (!consolidated.charged?.includes(payment._id)) return settleAlone(await separated(store, payment));
    return settleTogether(consolidated, payment);
  };
}

/** Domain time of an outcome: that of the attempt on a test clock. */
const timeOf = ({ now }: Platform, { testClock }: Payment, attemptAt: Instant): Instant => (testClock === null ? now() : attemptAt);

/** Writes which payments are charged through which methods, before a gateway receives any of it. */
async function decideCharge(parts: ConsolidatedParts, consolidated: ConsolidatedPayment): Promise<ConsolidatedPayment> {
  const { platform, store, consolidatedPayments, gateways } = parts;
  const { _id, customerId, payments: ids } = consolidated;
  const payments = await store.find(ids);
  if (payments.size < ids.length) throw new Error(`the payments of ${_id} are not all recorded yet`);
  const charged = chargedMembers(consolidated, [...payments.values()]);
  const currency = payments.values().next().value?.currency ?? '';
  const methods = consolidated.methods ?? (await currentMethods(platform, { store, gateways }, { customerId, currency }));
  return consolidatedPayments.decide(consolidated, { charged: charged.map((payment) => payment._id), amount: totalOf(charged), methods });
}

/** The charged payments that are not charged alone by now. */
const membersOf = async (store: PaymentStore, { _id, charged }: ConsolidatedPayment): Promise<readonly Payment[]> =>
  [...(await store.find(charged ?? [])).values()].filter(({ jointId }) => jointId === _id);

async function separated(store: PaymentStore, payment: Payment): Promise<Payment> {
  const own = { ...payment, jointId: null, intentId: null };
  if (await store.replace(payment, own)) return own;
  throw new Error(`the payment ${payment._id} was changed concurrently`);
}

async function settleAll(parts: ConsolidatedParts, consolidated: ConsolidatedPayment, payment: Payment): Promise<SettleResult> {
  if (payment.step === 'authentication') await continueOthers(parts, consolidated, payment);
  const members = await membersOf(parts.store, consolidated);
  const attempt = { ...consolidatedAttempt(consolidated, payment), ...lastSending(members) };
  return settleAttempt(parts, {
    gateway: payment.gateway,
    call: () => callGateway(parts, consolidated, attempt, members),
    repeatsSuccess: attempt.step === 'charge' && !mustNotCharge(parts.platform, attempt, members),
    at: () => timeOf(parts.platform, payment, attempt.attemptAt),
    onDecline: (decline, at) => cancelDeclined(parts, consolidated, decline, at),
    settles: (outcome) => settles(parts.store, consolidated, outcome),
  });
}

/** Continues the other payments of a charge that the customer has authenticated by any of them. */
async function continueOthers({ store }: ConsolidatedParts, consolidated: ConsolidatedPayment, confirmed: Payment): Promise<void> {
  const others = (await membersOf(store, consolidated)).filter(
    ({ _id, attempt }) => _id !== confirmed._id && attempt === confirmed.attempt,
  );
  const behind = others.filter(({ status, step }) => status === 'action-required' || (status === 'processing' && step === 'charge'));
  for (const payment of behind) await store.replace(payment, continuedWith(confirmed, payment));
}

/** The latest sending that any of these payments has noted. */
function lastSending(members: readonly Payment[]): Pick<Payment, 'lastSentAt'> {
  const sent = members.flatMap(({ lastSentAt }) => lastSentAt ?? []);
  return sent.length > 0 ? { lastSentAt: sent.sort().at(-1) as Instant } : {};
}

/** True where nothing may be sent: the keys may be forgotten, or every invoice is closed. */
const mustNotCharge = ({ now }: Platform, { processingSince }: Payment, members: readonly Payment[]): boolean =>
  millisOf(now()) - millisOf(processingSince) >= keyLifetimeMillis || members.every(({ cancelAsked }) => cancelAsked);

async function callGateway(
  { platform, store, gateways, consolidatedPayments }: ConsolidatedParts,
  consolidated: ConsolidatedPayment,
  attempt: Payment,
  members: readonly Payment[],
): Promise<AttemptOutcome | Unsettled> {
  if (mustNotCharge(platform, attempt, members)) return lookUpAttempt(gateways, attempt, attempt.attemptAt, platform.now());
  if (attempt.step === 'authentication') return continueAuthenticated(gateways, attempt);
  const waiting = members.filter(({ status }) => status === 'processing').map(({ _id }) => _id);
  if (mustNoteSending(attempt, platform.now())) await store.noteSending(waiting, platform.now());
  return charge(gateways, attempt, attempt.methods ?? [], (refusal) => consolidatedPayments.noteRefusal(consolidated, refusal));
}

const cancelKey = ({ consolidationId }: ConsolidatedPayment): string => `${consolidationId}:cancel`;

/**
 * Cancels the intent before its decline is published, so that it cannot be paid while each payment
 * is retried alone.
 */
async function cancelDeclined(
  { gateways }: ConsolidatedParts,
  consolidated: ConsolidatedPayment,
  declined: Decline,
  at: Instant,
): Promise<AttemptOutcome | Unsettled> {
  const { intentId, code, gateway } = declined;
  const ended = intentId === null ? undefined : await gatewayOf(gateways, gateway).cancel(cancelKey(consolidated), intentId, at);
  if (ended && isUnsettled(ended)) return ended;
  if (ended?.kind === 'succeeded' || ended?.kind === 'pending') return { ...ended, gateway, paymentMethodId: null };
  // An intent that we cancelled counts as a soft decline, because a retry may well succeed.
  return code === intentCancelled ? { ...declined, intentId: null, category: 'soft' } : { ...declined, intentId: null };
}

/** The payments that an outcome settles. */
const settles = async (store: PaymentStore, consolidated: ConsolidatedPayment, outcome: AttemptOutcome): Promise<readonly Payment[]> =>
  (await membersOf(store, consolidated)).filter((payment) => awaits(payment, outcome));

/**
 * Retries a payment alone while the others wait for the customer: the shared intent is cancelled
 * first.
 */
async function separate(parts: ConsolidatedParts, consolidated: ConsolidatedPayment, payment: Payment): Promise<SettleResult> {
  const result = await cancelIntent(parts, consolidated, payment);
  return result === 'cancelled' ? parts.settleAlone(await separated(parts.store, payment)) : result;
}

/**
 * Cancels a payment of a closed invoice. The shared intent stays for the others, and is cancelled
 * with the last of them.
 */
async function cancelMember(parts: ConsolidatedParts, consolidated: ConsolidatedPayment, payment: Payment): Promise<SettleResult> {
  const members = await membersOf(parts.store, consolidated);
  const isLast = members.every(({ status }) => status === 'cancelled');
  const result = isLast ? await cancelIntent(parts, consolidated, payment) : 'cancelled';
  if (result !== 'cancelled') return result;
  return (await parts.store.replace(payment, { ...payment, cancelOwed: false })) ? 'settled' : 'unanswered';
}

/** Cancels the shared intent. If it was paid before, the success is settled like any other. */
async function cancelIntent(
  parts: ConsolidatedParts,
  consolidated: ConsolidatedPayment,
  { gateway, intentId, attemptAt, testClock }: Payment,
): Promise<'cancelled' | SettleResult> {
  if (intentId === null) return 'cancelled';
  const outcome = await gatewayOf(parts.gateways, gateway).cancel(cancelKey(consolidated), intentId, attemptAt);
  if (isUnsettled(outcome) || outcome.kind === 'pending') return 'unanswered';
  if (outcome.kind !== 'succeeded') return 'cancelled';
  const at = testClock === null ? parts.platform.now() : attemptAt;
  const success = { ...outcome, gateway, paymentMethodId: null };
  return settleOutcome(parts, await settles(parts.store, consolidated, success), { outcome: success, at });
}
