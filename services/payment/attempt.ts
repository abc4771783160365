import type { DeclineCategory } from '../shared/events.ts';
import { declineCategory } from './decline-categories.ts';
import type { Gateway, GatewayOutcome } from './gateway.ts';
import type { AttemptOutcome, ChargeableMethod, Payment } from './payment.ts';

/** By which an intent is found at the gateway: the invoice, and which of its intents where its amount was changed. */
const referenceOf = ({ invoiceId, superseded = [] }: Payment): string =>
  superseded.length === 0 ? invoiceId : `${invoiceId}.${superseded.length + 1}`;

const createKey = (payment: Payment): string => `${referenceOf(payment)}:create`;

/** One key a confirmed retry, and one a backup method within it: `<invoice>:a2`, `<invoice>:a2.1`. */
const confirmKey = ({ invoiceId, attempt }: Payment, position: number): string =>
  `${invoiceId}:a${attempt}${position === 0 ? '' : `.${position}`}`;

/** Gateways prune idempotency keys after 24 h; from here on the outcome is only looked up. */
export const keysHoldMillis = 23 * 3_600_000;

type Unsettled = Extract<GatewayOutcome, { kind: 'unknown' | 'in-progress' }>;

/**
 * Charges through the methods in order until one is not declined: only then has the attempt failed. Everything is derived from the
 * stored payment, so running it again replays the gateway's saved answers and goes on where it stopped.
 */
export async function charge(
  gateway: Gateway,
  payment: Payment,
  methods: readonly ChargeableMethod[],
): Promise<AttemptOutcome | Unsettled> {
  let { intentId } = payment;
  const declines: AttemptOutcome[] = [];
  for (const [position, method] of methods.entries()) {
    const outcome = await chargeOnce(gateway, payment, intentId, method, position);
    if (outcome.kind === 'unknown' || outcome.kind === 'in-progress') return outcome;
    const ended = attemptOutcome(outcome, method.id);
    if (ended.kind !== 'declined') return ended;
    declines.push(ended);
    intentId = ended.intentId;
  }
  return mostHopeful(declines) ?? { kind: 'declined', intentId, category: 'no-payment-method', code: null };
}

function chargeOnce(
  gateway: Gateway,
  payment: Payment,
  intentId: string | null,
  { token }: ChargeableMethod,
  position: number,
): Promise<GatewayOutcome> {
  if (intentId !== null) return gateway.confirm(confirmKey(payment, position), intentId, token, payment.attemptAt);
  const { amount, currency, customerId } = payment;
  return gateway.create(
    createKey(payment),
    { reference: referenceOf(payment), amount, currency, customerId, paymentMethod: token },
    payment.attemptAt,
  );
}

/** Goes on with an intent whose customer has authenticated. */
export async function goOn(gateway: Gateway, payment: Payment): Promise<AttemptOutcome | Unsettled> {
  const key = `${confirmKey(payment, 0)}.authenticated`;
  const outcome = await gateway.confirmAuthenticated(key, payment.intentId as string, payment.attemptAt);
  return outcome.kind === 'unknown' || outcome.kind === 'in-progress' ? outcome : attemptOutcome(outcome, null);
}

/** What became of an attempt whose keys may be gone: nothing is sent, so nothing can be charged twice. */
export async function lookUp(gateway: Gateway, payment: Payment): Promise<AttemptOutcome | Unsettled> {
  const outcome = await gateway.lookUp(referenceOf(payment), payment.intentId);
  if (outcome.kind === 'unknown' || outcome.kind === 'in-progress') return outcome;
  if (outcome.kind === 'absent') return { kind: 'declined', intentId: null, category: 'soft', code: 'never_received' };
  return attemptOutcome(outcome, null);
}

/** What a superseded intent brought after all: then nothing else is charged, and the payment is over what that one was. */
export type Overtaken = { readonly payment: Payment; readonly outcome: Extract<AttemptOutcome, { kind: 'succeeded' }> };

/** Ends the intents that asked for another amount, so that nobody can pay twice. Undefined once they are all ended; repeating it is safe. */
export async function endSuperseded(gateway: Gateway, payment: Payment): Promise<Overtaken | Unsettled | undefined> {
  for (const [index, { intentId, amount }] of (payment.superseded ?? []).entries()) {
    if (intentId === null) continue;
    const outcome = await gateway.cancel(`${payment.invoiceId}:cancel.${index + 1}`, intentId, payment.attemptAt);
    if (outcome.kind === 'unknown' || outcome.kind === 'in-progress') return outcome;
    if (outcome.kind === 'succeeded') return { payment: { ...payment, amount }, outcome: { ...outcome, paymentMethodId: null } };
  }
  return undefined;
}

function attemptOutcome(outcome: Exclude<GatewayOutcome, Unsettled>, paymentMethodId: string | null): AttemptOutcome {
  if (outcome.kind === 'succeeded') return { ...outcome, paymentMethodId };
  if (outcome.kind === 'action-required') return outcome;
  const code = outcome.kind === 'cancelled' ? 'intent_cancelled' : outcome.code;
  return { kind: 'declined', intentId: outcome.intentId, category: outcome.kind === 'cancelled' ? 'hard' : declineCategory(code), code };
}

const hope: readonly DeclineCategory[] = ['soft', 'action-required', 'expired-card', 'hard'];

/** Of several declines the one that gives most hope: while any method may work later, the schedule goes on. */
function mostHopeful(declines: readonly AttemptOutcome[]): AttemptOutcome | undefined {
  return hope.map((category) => declines.find((decline) => decline.kind === 'declined' && decline.category === category)).find(Boolean);
}
