import { millisOf } from '../../shared/time.ts';
import type { GatewayOutcome } from '../gateways/gateway.ts';
import { type Gateways, gatewayOf } from '../gateways/gateways.ts';
import type { AttemptOutcome, ChargeableMethod, MethodRefusal, Payment } from '../payment.ts';
import { attemptOutcome, isUnsettled, mostHopeful, type Unsettled } from './attempt-outcome.ts';
import { keyLifetimeMillis, lookUp, referenceOf } from './look-up.ts';

/**
 * `<invoice>:create` makes the first intent. Another is made, with its own key, only after the last
 * was refused or cancelled.
 */
const createKey = ({ invoiceId, attempt }: Payment, position: number): string =>
  attempt === 1 && position === 0 ? `${invoiceId}:create` : `${invoiceId}:create.a${attempt}.${position}`;

/**
 * One key for each retry, and one for each backup method in it: `<invoice>:a2`, `<invoice>:a2.1`.
 */
const confirmKey = ({ invoiceId, attempt }: Payment, position: number): string =>
  `${invoiceId}:a${attempt}${position === 0 ? '' : `.${position}`}`;

type Intent = { readonly id: string | null; readonly gateway: string };

/** Stores a refusal, so that no repeat of the attempt tries that method again. */
export type NoteRefusal = (refusal: MethodRefusal) => Promise<void>;

/**
 * Charges the methods in order until one is not declined; the attempt has failed if all are
 * declined. Everything is derived from the stored payment, so a repeat replays the gateways' saved
 * responses and continues where it stopped.
 */
export async function charge(
  gateways: Gateways,
  payment: Payment,
  methods: readonly ChargeableMethod[],
  noteRefusal: NoteRefusal,
): Promise<AttemptOutcome | Unsettled> {
  const before = mayBeRepeated(payment) ? await lookUp(gateways, payment, payment.attemptAt) : undefined;
  if (before && (isUnsettled(before) || before.kind === 'succeeded' || before.kind === 'pending')) return before;
  let intent: Intent = { id: payment.intentId, gateway: payment.gateway };
  const declines: AttemptOutcome[] = [];
  for (const [position, method] of methods.entries()) {
    const refused = refusedBefore(payment, position);
    const obstacle = refused ? undefined : await leaveGateway(gateways, payment, intent, method, position);
    const outcome = refused ?? obstacle ?? (await chargeOnce(gateways, payment, intent, method, position));
    if (isUnsettled(outcome)) return outcome;
    const isRefusal = outcome.kind === 'declined' && outcome.intentId === null && refused === undefined;
    if (isRefusal && position < methods.length - 1) await noteRefusal({ position, code: outcome.code });
    const ended = attemptOutcome(outcome, obstacle ? null : method.id, obstacle ? intent.gateway : method.gateway);
    if (ended.kind !== 'declined') return ended;
    declines.push(ended);
    intent = { id: ended.intentId, gateway: method.gateway };
  }
  const last = { intentId: intent.id, gateway: intent.gateway };
  const decline = mostHopeful(declines);
  return decline ? { ...decline, ...last } : { kind: 'declined', ...last, category: 'no-payment-method', code: null };
}

/** The refusal of a method in an earlier run of the attempt. */
function refusedBefore({ refusals }: Payment, position: number): Extract<GatewayOutcome, { kind: 'declined' }> | undefined {
  const refusal = refusals?.find((known) => known.position === position);
  return refusal && { kind: 'declined', intentId: null, code: refusal.code };
}

/**
 * True for a first attempt that was recorded so long after its invoice that it may not be the
 * first, for example after a ledger was restored from a backup. The gateway may have forgotten the
 * earlier keys, so an earlier charge is looked up before anything is charged.
 */
const mayBeRepeated = ({ attempt, intentId, attemptAt, processingSince, testClock }: Payment): boolean =>
  testClock === null && attempt === 1 && intentId === null && millisOf(processingSince) - millisOf(attemptAt) >= keyLifetimeMillis;

/**
 * Cancels the intent at one gateway before a method of another is tried, so that there are never
 * two intents that can be paid. Returns the obstacle: an unknown outcome, or money that arrived
 * after all.
 */
async function leaveGateway(
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
    // A refusal that does not name the intent leaves it there, and it is the only one.
    if (outcome.kind === 'declined') return { ...outcome, intentId: id };
    // A cancelled intent can never be paid, so another one takes its place.
    if (outcome.kind !== 'cancelled') return outcome;
  }
  const { amount, currency, customerId, attemptAt } = payment;
  const charge = { reference: referenceOf(payment), amount, currency, customerId, paymentMethod: token };
  return gateway.create(createKey(payment, position), charge, attemptAt);
}

/** Continues an intent whose customer has authenticated. */
export async function continueAuthenticated(gateways: Gateways, payment: Payment): Promise<AttemptOutcome | Unsettled> {
  const key = `${confirmKey(payment, 0)}.authenticated`;
  const outcome = await gatewayOf(gateways, payment.gateway).confirmAuthenticated(key, payment.intentId as string, payment.attemptAt);
  return isUnsettled(outcome) ? outcome : attemptOutcome(outcome, null, payment.gateway);
}

/**
 * The success of a superseded intent. Nothing else is charged then, and the payment is over its
 * amount, in minor units.
 */
export type SupersededSuccess = { readonly amount: number; readonly outcome: Extract<AttemptOutcome, { kind: 'succeeded' | 'pending' }> };

/**
 * Cancels the intents over another amount, so that the customer cannot pay twice. Undefined once
 * all are cancelled; a repeat is safe.
 */
export async function endSuperseded(gateways: Gateways, payment: Payment): Promise<SupersededSuccess | Unsettled | undefined> {
  for (const [index, { intentId, amount, gateway }] of (payment.superseded ?? []).entries()) {
    if (intentId === null) continue;
    const outcome = await gatewayOf(gateways, gateway).cancel(`${payment.invoiceId}:cancel.${index + 1}`, intentId, payment.attemptAt);
    if (isUnsettled(outcome)) return outcome;
    if (outcome.kind === 'succeeded') return { amount, outcome: { ...outcome, gateway, paymentMethodId: null } };
    if (outcome.kind !== 'cancelled') return { kind: 'in-progress' };
  }
  return undefined;
}
