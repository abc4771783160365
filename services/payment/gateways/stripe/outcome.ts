import type { DisputeStatus } from '../../../shared/contracts/dispute-resource.ts';
import type { GatewayOutcome, RefundOutcome, Refusal, UnavailableCode } from '../gateway.ts';

/** What is read of Stripe's PaymentIntent. */
export type IntentFacts = {
  readonly id: string;
  readonly status: string;
  readonly client_secret: string | null;
  readonly last_payment_error?: { readonly code?: string | undefined; readonly decline_code?: string | undefined } | null;
};

/** What is read of an error that Stripe's library throws; without `statusCode` there was no answer. */
export type StripeFailure = {
  readonly type: string;
  readonly statusCode?: number | undefined;
  readonly code?: string | undefined;
  readonly decline_code?: string | undefined;
  readonly param?: string | undefined;
  readonly message: string;
  readonly charge?: string | undefined;
  readonly payment_intent?: IntentFacts | undefined;
};

/** The bank wants the customer to authenticate: Stripe tells it as a decline of an off-session charge. */
const asksForAuthentication = 'authentication_required';

/** Where an intent stands. One that nobody confirmed counts as declined: no money moves until we ask again. */
export function outcomeOfIntent({ id: intentId, status, client_secret, last_payment_error: error }: IntentFacts): GatewayOutcome {
  switch (status) {
    case 'succeeded':
      return { kind: 'succeeded', intentId };
    case 'processing':
      return { kind: 'pending', intentId };
    case 'canceled':
      return { kind: 'cancelled', intentId };
    case 'requires_action':
      return { kind: 'action-required', intentId, clientSecret: client_secret ?? '' };
    case 'requires_payment_method':
      if (error?.code === asksForAuthentication) return { kind: 'action-required', intentId, clientSecret: client_secret ?? '' };
      return { kind: 'declined', intentId, code: error?.decline_code ?? error?.code ?? 'generic_decline' };
    case 'requires_confirmation':
      return { kind: 'declined', intentId, code: 'not_confirmed' };
    default:
      return { kind: 'unknown' };
  }
}

/**
 * What a failed call says. An intent inside the error tells where it stands; without one nothing was made. Throws what is a bug of
 * ours: a key used again with other parameters.
 */
export function outcomeOfFailure(failure: StripeFailure): GatewayOutcome {
  const { type, statusCode = 0, code } = failure;
  if (type === 'StripeIdempotencyError') throw new Error(`Stripe: ${failure.message}`);
  if (code === 'idempotency_key_in_use') return { kind: 'in-progress' };
  if (isUnknown(failure)) return { kind: 'unknown' };
  const unavailable = unavailableCode(failure);
  if (unavailable) return { kind: 'unavailable', code: unavailable };
  const intent = failure.payment_intent;
  if (intent) return outcomeOfIntent(intent.last_payment_error ? intent : { ...intent, last_payment_error: failure });
  if (statusCode === 402) return { kind: 'declined', intentId: null, code: failure.decline_code || code || 'generic_decline' };
  const refusal = refusalOf(failure);
  return refusal ? { kind: 'declined', intentId: null, code: refusal } : { kind: 'unavailable', code: 'gateway-request-refused' };
}

/** No answer, or one that does not say whether the effect happened. */
const isUnknown = ({ type, statusCode = 0, code }: StripeFailure): boolean =>
  statusCode === 0 || statusCode === 409 || statusCode === 429 || statusCode >= 500 || code === 'rate_limit' || type === 'StripeAPIError';

/** What only whoever runs Marquee can put right: the key, or test and live mode mixed up. */
function unavailableCode({ statusCode, code, message }: StripeFailure): UnavailableCode | undefined {
  if (code === 'livemode_mismatch' || code === 'testmode_charges_only' || /exists in (test|live) mode/.test(message))
    return 'gateway-wrong-mode';
  if (statusCode === 401 || statusCode === 403 || code === 'api_key_expired' || code === 'secret_key_required')
    return 'gateway-key-refused';
  return undefined;
}

const byCode: Readonly<Record<string, Refusal>> = {
  amount_too_small: 'amount-too-small',
  amount_too_large: 'amount-too-large',
  payment_method_currency_mismatch: 'currency-not-supported',
  payment_method_unexpected_state: 'payment-method-detached',
};

/** By the parameter that Stripe complains about. */
const byParameter: Readonly<Record<string, Refusal>> = {
  customer: 'gateway-customer-unknown',
  payment_method: 'payment-method-detached',
  currency: 'currency-not-supported',
};

const refusalOf = ({ code = '', param = '' }: StripeFailure): Refusal | undefined => byCode[code] ?? byParameter[param];

/** Where a refund stands by Stripe's word for it. */
export function outcomeOfRefund({
  id: refundId,
  status,
  failure_reason: reason,
}: {
  readonly id: string;
  readonly status: string | null;
  readonly failure_reason?: string;
}): RefundOutcome {
  if (status === 'succeeded') return { kind: 'succeeded', refundId };
  if (status === 'failed' || status === 'canceled') return { kind: 'refused', refundId, code: reason ?? `refund_${status}` };
  return { kind: 'pending', refundId };
}

/** What Stripe would not give back; what says nothing about the refund itself is unknown, and asked for again. */
export function refundOfFailure(failure: StripeFailure): RefundOutcome {
  if (failure.type === 'StripeIdempotencyError') throw new Error(`Stripe: ${failure.message}`);
  if (failure.code === 'idempotency_key_in_use') return { kind: 'in-progress' };
  if (isUnknown(failure) || unavailableCode(failure)) return { kind: 'unknown' };
  const code = failure.code === 'resource_missing' ? 'charge_not_found' : (failure.code ?? 'charge_not_refundable');
  return { kind: 'refused', refundId: null, code: failure.param === 'amount' ? 'amount_too_large' : code };
}

/** What is read of Stripe's Dispute. */
export type DisputeFacts = {
  readonly id: string;
  readonly amount: number;
  readonly currency: string;
  readonly reason: string;
  readonly status: string;
  readonly created: number;
  readonly evidence_details: { readonly due_by: number | null } | null;
  readonly balance_transactions: readonly { readonly fee: number; readonly currency: string }[];
};

const disputeStatuses: Readonly<Record<string, DisputeStatus>> = {
  warning_needs_response: 'inquiry',
  warning_under_review: 'inquiry',
  warning_closed: 'closed',
  prevented: 'closed',
  needs_response: 'needs-response',
  under_review: 'under-review',
  won: 'won',
  lost: 'lost',
  // An appeal is against a loss: until it is decided the money stays away.
  appeal_needs_response: 'lost',
  appeal_under_review: 'lost',
};

/** Where a dispute stands by Stripe's word for it (https://docs.stripe.com/api/disputes/object#dispute_object-status). */
export const disputeStatusOf = (status: string): DisputeStatus => disputeStatuses[status] ?? 'under-review';
