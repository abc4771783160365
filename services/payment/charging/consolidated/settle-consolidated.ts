import { passes } from '../../../shared/fault-points.ts';
import type { Platform } from '../../../shared/service.ts';
import { type Instant, millisOf } from '../../../shared/time.ts';
import type { GatewayHealth } from '../../gateways/gateway-health.ts';
import { type Gateways, gatewayOf } from '../../gateways/gateways.ts';
import { type AttemptOutcome, outcomeEvent, type Payment } from '../../payment.ts';
import type { PaymentStore } from '../../store.ts';
import { charge, goOn, isUnsettled, keysHoldMillis, lookUp, type Unsettled } from '../attempt.ts';
import { currentMethods } from '../methods.ts';
import type { Settle } from '../settle-payment.ts';
import { amountOf, awaits, chargedOf, goingOnWith, type JointPayment, jointAttempt, settledTogether } from './consolidated-payment.ts';
import type { JointStore } from './store.ts';

export type JointParts = {
  readonly platform: Platform;
  readonly store: PaymentStore;
  readonly joints: JointStore;
  readonly gateways: Gateways;
  readonly health: GatewayHealth;
  /** Settles a payment that nobody shares. */
  readonly alone: Settle;
};

type Settled = Awaited<ReturnType<Settle>>;

/**
 * Settles payments, those of a joint one together: gateway, then the events of all, then their documents. Each stays `processing` until all are
 * told, so whichever the janitor finds after a crash brings the same answers by the same keys, and ends those that are left.
 */
export function createJointSettle(parts: JointParts): Settle {
  const { store, joints, alone } = parts;
  /** What this process works on: another payment of the same charge only waits for it. */
  const running = new Map<string, Promise<Settled>>();

  const together = (joint: JointPayment, payment: Payment): Promise<Settled> => {
    const key = `${joint._id}:${payment.step}`;
    const work = running.get(key) ?? chargeAll(parts, joint, payment).finally(() => running.delete(key));
    running.set(key, work);
    return work;
  };

  return async (payment) => {
    if (!payment.jointId || payment.step === 'pending') return alone(payment);
    const recorded = await joints.find(payment.jointId);
    if (payment.status === 'cancelled') return endAtGateway(parts, recorded, payment);
    if (payment.attempt > 1) return leave(parts, recorded, payment);
    const joint = recorded.charged === null ? await decided(parts, recorded) : recorded;
    if (!joint.charged?.includes(payment._id)) return alone(await separated(store, payment));
    return together(joint, payment);
  };
}

/** Domain time: that of the attempt for what lives on a test clock. */
const timeOf = ({ now }: Platform, { testClock }: Payment, attemptAt: Instant): Instant => (testClock === null ? now() : attemptAt);

/** Who is charged, through what: written before the gateway hears of any of it. */
async function decided({ platform, store, joints, gateways }: JointParts, joint: JointPayment): Promise<JointPayment> {
  const payments = await store.find(joint.payments);
  if (payments.size < joint.payments.length) throw new Error(`the payments of ${joint._id} are not all recorded yet`);
  const charged = chargedOf(joint, [...payments.values()]);
  const methods =
    joint.methods ??
    (await currentMethods(
      platform,
      { store, gateways },
      { customerId: joint.customerId, currency: payments.values().next().value?.currency ?? '' },
    ));
  return joints.decide(joint, { charged: charged.map(({ _id }) => _id), amount: amountOf(charged), methods });
}

/** The payments that are charged and have not gone their own way. */
const paymentsOf = async (store: PaymentStore, { _id, charged }: JointPayment): Promise<readonly Payment[]> =>
  [...(await store.find(charged ?? [])).values()].filter(({ jointId }) => jointId === _id);

async function separated(store: PaymentStore, payment: Payment): Promise<Payment> {
  const own = { ...payment, jointId: null, intentId: null };
  if (await store.replace(payment, own)) return own;
  throw new Error(`the payment ${payment._id} was moved on by another`);
}

async function chargeAll(parts: JointParts, joint: JointPayment, payment: Payment): Promise<Settled> {
  if (payment.step === 'authentication') await bringAlong(parts, joint, payment);
  const payments = await paymentsOf(parts.store, joint);
  passes('payment.before-gateway');
  const asked = await ask(parts, jointAttempt(joint, payment), payments);
  passes('payment.after-gateway');
  parts.health.heard('gateway' in asked ? asked.gateway : payment.gateway, asked);
  if (isUnsettled(asked)) return 'unanswered';
  const at = timeOf(parts.platform, payment, jointAttempt(joint, payment).attemptAt);
  const outcome = asked.kind === 'declined' ? await withdrawn(parts, joint, asked, at) : asked;
  if (isUnsettled(outcome)) return 'unanswered';
  await tellAll(parts, joint, outcome, at);
  return outcome.kind === 'pending' ? 'pending' : 'settled';
}

/** The customer authenticated the one charge, whichever of its payments they named. */
async function bringAlong({ store }: JointParts, joint: JointPayment, confirmed: Payment): Promise<void> {
  const others = (await paymentsOf(store, joint)).filter(({ _id, attempt }) => _id !== confirmed._id && attempt === confirmed.attempt);
  const behind = others.filter(({ status, step }) => status === 'action-required' || (status === 'processing' && step === 'charge'));
  for (const payment of behind) await store.replace(payment, goingOnWith(confirmed, payment));
}

function ask({ platform, gateways }: JointParts, attempt: Payment, payments: readonly Payment[]): Promise<AttemptOutcome | Unsettled> {
  const isOld = millisOf(platform.now()) - millisOf(attempt.processingSince) >= keysHoldMillis;
  if (isOld || payments.every(({ cancelAsked }) => cancelAsked)) return lookUp(gateways, attempt, attempt.attemptAt);
  return attempt.step === 'authentication' ? goOn(gateways, attempt) : charge(gateways, attempt, attempt.methods ?? []);
}

const cancelKey = ({ consolidationId }: JointPayment): string => `${consolidationId}:cancel`;

/** Before a decline is told its intent is ended, so that no money can come by it while each payment is tried alone. */
async function withdrawn(
  { gateways }: JointParts,
  joint: JointPayment,
  declined: Extract<AttemptOutcome, { kind: 'declined' }>,
  at: Instant,
): Promise<AttemptOutcome | Unsettled> {
  const { intentId, code, gateway } = declined;
  const ended = intentId === null ? undefined : await gatewayOf(gateways, gateway).cancel(cancelKey(joint), intentId, at);
  if (ended && isUnsettled(ended)) return ended;
  if (ended?.kind === 'succeeded' || ended?.kind === 'pending') return { ...ended, gateway, paymentMethodId: null };
  // Ended here, so that another try has every hope.
  return code === 'intent_cancelled' ? { ...declined, intentId: null, category: 'soft' } : { ...declined, intentId: null };
}

/** One event a payment, all of them before any document: so that one that is written says that all were told. */
async function tellAll({ platform, store }: JointParts, joint: JointPayment, outcome: AttemptOutcome, at: Instant): Promise<void> {
  const waiting = (await paymentsOf(store, joint)).filter((payment) => awaits(payment, outcome));
  const ends = waiting.map((payment) => ({ payment, after: settledTogether(payment, outcome, at, platform.now()) }));
  await platform.publish(ends.map(({ after }) => outcomeEvent(after)));
  passes('payment.after-publish');
  await Promise.all(
    ends.map(({ payment, after }) => (payment.status === 'processing' ? store.settle(payment, after) : store.replace(payment, after))),
  );
}

/** A payment that is tried again while the joint one waits for the customer: the joint intent ends first, then it is charged alone. */
async function leave(parts: JointParts, joint: JointPayment, payment: Payment): Promise<Settled> {
  const ended = await endIntent(parts, joint, payment);
  return ended === 'gone' ? parts.alone(await separated(parts.store, payment)) : ended === 'paid' ? 'settled' : 'unanswered';
}

/** A payment that was closed. While others wait for the customer their intent stays; it ends with the last of them. */
async function endAtGateway(parts: JointParts, joint: JointPayment, payment: Payment): Promise<Settled> {
  const payments = await paymentsOf(parts.store, joint);
  const ended = payments.every(({ status }) => status === 'cancelled') ? await endIntent(parts, joint, payment) : 'gone';
  if (ended === 'gone') return (await parts.store.replace(payment, { ...payment, cancelOwed: false })) ? 'settled' : 'unanswered';
  return ended === 'paid' ? 'settled' : 'unanswered';
}

/** `paid`: money was faster, and everybody has been told. */
async function endIntent(parts: JointParts, joint: JointPayment, payment: Payment): Promise<'gone' | 'paid' | 'unknown'> {
  const { gateway, intentId, attemptAt } = payment;
  const outcome = intentId === null ? undefined : await gatewayOf(parts.gateways, gateway).cancel(cancelKey(joint), intentId, attemptAt);
  if (outcome && (isUnsettled(outcome) || outcome.kind === 'pending')) return 'unknown';
  if (outcome?.kind !== 'succeeded') return 'gone';
  await tellAll(parts, joint, { ...outcome, gateway, paymentMethodId: null }, timeOf(parts.platform, payment, attemptAt));
  return 'paid';
}
