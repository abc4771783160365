import type { DeclineCategory } from '../../shared/contracts/payment-resource.ts';
import { type Instant, millisOf } from '../../shared/time.ts';
import { declineCategory } from '../gateways/decline-categories.ts';
import type { Gateway, GatewayOutcome } from '../gateways/gateway.ts';
import { type Gateways, gatewayOf } from '../gateways/gateways.ts';
import type { AttemptOutcome, ChargeableMethod, Payment } from '../payment.ts';

/** By which an intent is found at its gateway: the invoice, and which of its intents where its amount was changed. */
const referenceOf = ({ invoiceId, superseded = [] }: Payment): string =>
  superseded.length === 0 ? invoiceId : `${invoiceId}.${superseded.length + 1}`;

/** `<invoice>:create` makes the first intent; another one is only made after the last was refused or cancelled, under its own key. */
const createKey = ({ invoiceId, attempt }: Payment, position: number): string =>
  attempt === 1 && position === 0 ? `${invoiceId}:create` : `${invoiceId}:create.a${attempt}.${position}`;

/** One key a confirmed retry, and one a backup method within it: `<invoice>:a2`, `<invoice>:a2.1`. */
const confirmKey = ({ invoiceId, attempt }: Payment, position: number): string =>
  `${invoiceId}:a${attempt}${position === 0 ? '' : `.${position}`}`;

/** Gateways prune idempotency keys after 24 h; from here on the outcome is only looked up. */
export const keysHoldMillis = 23 * 3_600_000;

export type Unsettled = Extract<GatewayOutcome, { kind: 'unknown' | 'in-progress' | 'unavailable' }>;
export const isUnsettled = (outcome: { readonly kind: string }): outcome is Unsettled =>
  outcome.kind === 'unknown' || outcome.kind === 'in-progress' || outcome.kind === 'unavailable';

type Intent = { readonly id: string | null; readonly gateway: string };

/**
 * Charges through the methods in order until one is not declined: only then has the attempt failed. Everything is derived from the
 * stored payment, so running it again replays the gateways' saved answers and goes on where it stopped.
 */
export async function charge(
  gateways: Gateways,
  payment: Payment,
  methods: readonly ChargeableMethod[],
): Promise<AttemptOutcome | Unsettled> {
  const before = isTardy(payment) ? await lookUp(gateways, payment, payment.attemptAt) : undefined;
  if (before && (isUnsettled(before) || before.kind === 'succeeded' || before.kind === 'pending')) return before;
  let intent: Intent = { id: payment.intentId, gateway: payment.gateway };
  const declines: AttemptOutcome[] = [];
  for (const [position, method] of methods.entries()) {
    const left = await leave(gateways, payment, intent, method, position);
    const outcome = left ?? (await chargeOnce(gateways, payment, intent, method, position));
    if (isUnsettled(outcome)) return outcome;
    const ended = attemptOutcome(outcome, left ? null : method.id, left ? intent.gateway : method.gateway);
    if (ended.kind !== 'declined') return ended;
    declines.push(ended);
    intent = { id: ended.intentId, gateway: method.gateway };
  }
  const last = { intentId: intent.id, gateway: intent.gateway };
  const hopeful = mostHopeful(declines);
  return hopeful ? { ...hopeful, ...last } : { kind: 'declined', ...last, category: 'no-payment-method', code: null };
}

/**
 * True where the first attempt was recorded so long after its invoice that it may not be the first: a ledger from a backup that is told of the
 * invoice again. The keys of then may be gone at the gateway, so money that came then is found before anything is charged.
 */
const isTardy = ({ attempt, intentId, attemptAt, processingSince, testClock }: Payment): boolean =>
  testClock === null && attempt === 1 && intentId === null && millisOf(processingSince) - millisOf(attemptAt) >= keysHoldMillis;

/**
 * Before a method of another gateway is tried, the intent at this one is ended, so that there are never two that can be paid.
 * Answers what stands in the way: the end is not known, or money came after all.
 */
async function leave(
  gateways: Gateways,
  payment: Payment,
  { id, gateway }: Intent,
  method: ChargeableMethod,
  position: number,
): Promise<GatewayOutcome | undefined> {
  if (id === null || gateway === method.gateway) return undefined;
  const key = `${payment.invoiceId}:cancel.a${payment.attempt}.${position}`;
  const outcome = await gatewayOf(gateways, gateway).cancel(key, id, payment.attemptAt);
  return outcome.kind === 'cancelled' ? undefined : outcome;
}

async function chargeOnce(
  gateways: Gateways,
  payment: Payment,
  { id, gateway: last }: Intent,
  { token, gateway: name }: ChargeableMethod,
  position: number,
): Promise<GatewayOutcome> {
  const gateway = gatewayOf(gateways, name);
  if (id !== null && last === name) {
    const outcome = await gateway.confirm(confirmKey(payment, position), id, token, payment.attemptAt);
    // Refused without a word of the intent, it is still there, and the only one.
    return outcome.kind === 'declined' ? { ...outcome, intentId: id } : outcome;
  }
  const { amount, currency, customerId, attemptAt } = payment;
  const charge = { reference: referenceOf(payment), amount, currency, customerId, paymentMethod: token };
  return gateway.create(createKey(payment, position), charge, attemptAt);
}

/** Goes on with an intent whose customer has authenticated. */
export async function goOn(gateways: Gateways, payment: Payment): Promise<AttemptOutcome | Unsettled> {
  const key = `${confirmKey(payment, 0)}.authenticated`;
  const outcome = await gatewayOf(gateways, payment.gateway).confirmAuthenticated(key, payment.intentId as string, payment.attemptAt);
  return isUnsettled(outcome) ? outcome : attemptOutcome(outcome, null, payment.gateway);
}

const byWeight: readonly string[] = ['succeeded', 'pending', 'action-required', 'declined', 'cancelled'];

/**
 * What became of an attempt whose keys may be gone: nothing is sent, so nothing can be charged twice. Every gateway that the attempt
 * may have reached is asked; money anywhere counts most.
 */
export async function lookUp(gateways: Gateways, payment: Payment, now: Instant): Promise<AttemptOutcome | Unsettled> {
  const names = new Set([payment.gateway, ...(payment.methods ?? []).map(({ gateway }) => gateway)]);
  const found = await Promise.all([...names].map((name) => lookUpAt(gatewayOf(gateways, name), payment, now)));
  const unsettled = found.find(({ outcome }) => isUnsettled(outcome));
  if (unsettled) return unsettled.outcome as Unsettled;
  const weightiest = byWeight.flatMap((kind) => found.filter(({ outcome }) => outcome.kind === kind))[0];
  if (!weightiest) return { kind: 'declined', intentId: null, gateway: payment.gateway, category: 'soft', code: 'never_received' };
  return attemptOutcome(weightiest.outcome as Exclude<GatewayOutcome, Unsettled>, null, weightiest.gateway);
}

const lookUpAt = async (gateway: Gateway, payment: Payment, now: Instant) => ({
  gateway: gateway.name,
  outcome: await gateway.lookUp(
    { reference: referenceOf(payment), customerId: payment.customerId },
    gateway.name === payment.gateway ? payment.intentId : null,
    now,
  ),
});

/** What a superseded intent brought after all: then nothing else is charged, and the payment is over what that one was. */
export type Overtaken = { readonly payment: Payment; readonly outcome: Extract<AttemptOutcome, { kind: 'succeeded' | 'pending' }> };

/** Ends the intents that asked for another amount, so that nobody can pay twice. Undefined once they are all ended; repeating it is safe. */
export async function endSuperseded(gateways: Gateways, payment: Payment): Promise<Overtaken | Unsettled | undefined> {
  for (const [index, { intentId, amount, gateway }] of (payment.superseded ?? []).entries()) {
    if (intentId === null) continue;
    const outcome = await gatewayOf(gateways, gateway).cancel(`${payment.invoiceId}:cancel.${index + 1}`, intentId, payment.attemptAt);
    if (isUnsettled(outcome)) return outcome;
    if (outcome.kind === 'succeeded') return { payment: { ...payment, amount }, outcome: { ...outcome, gateway, paymentMethodId: null } };
    if (outcome.kind !== 'cancelled') return { kind: 'in-progress' };
  }
  return undefined;
}

function attemptOutcome(outcome: Exclude<GatewayOutcome, Unsettled>, paymentMethodId: string | null, gateway: string): AttemptOutcome {
  if (outcome.kind === 'succeeded' || outcome.kind === 'pending') return { ...outcome, gateway, paymentMethodId };
  if (outcome.kind === 'action-required') return { ...outcome, gateway };
  const code = outcome.kind === 'cancelled' ? 'intent_cancelled' : outcome.code;
  const category = outcome.kind === 'cancelled' ? 'hard' : declineCategory(code);
  return { kind: 'declined', intentId: outcome.intentId, gateway, category, code };
}

type Decline = Extract<AttemptOutcome, { kind: 'declined' }>;

const hope: readonly DeclineCategory[] = ['soft', 'action-required', 'expired-card', 'hard'];

/** Of several declines the one that gives most hope: while any method may work later, the schedule goes on. */
const mostHopeful = (declines: readonly AttemptOutcome[]): Decline | undefined =>
  hope
    .map((category) => declines.find((decline): decline is Decline => decline.kind === 'declined' && decline.category === category))
    .find(Boolean);
