import type { DisputeStatus } from '../../../shared/contracts/dispute-resource.ts';
import type { GatewayOutcome, RefundOutcome, Refusal, UnavailableCode } from '../gateway.ts';

/** The fields of Stripe's PaymentIntent that are read. */
export type IntentFacts = {
  readonly id: string;
  readonly status: string;
  readonly client_secret: string | null;
  readonly last_payment_error?: { readonly code?: string | undefined; readonly decline_code?: string | undefined } | null;
};

/**
 * The fields of an error of Stripe's library that are read; without `statusCode` there was no
 * response.
 */
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

/**
 * The bank requires the customer to authenticate. Stripe reports it as a decline of an off-session
 * charge.
 */
const authenticationRequired = 'authentication_required';

/**
 * The outcome of an intent. An unconfirmed one counts as declined: no money moves until it is
 * confirmed.
 */
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
      if (error?.code === authenticationRequired) return { kind: 'action-required', intentId, clientSecret: client_secret ?? '' };
      return { kind: 'declined', intentId, code: error?.decline_code ?? error?.code ?? 'generic_decline' };
    case 'requires_confirmation':
      return { kind: 'declined', intentId, code: 'not_confirmed' };
    default:
      return { kind: 'unknown' };
  }
}

/**
 * The outcome that a failed call stands for. An intent inside the error has the status; without one
 * no intent was made. Throws for a bug of ours: a key with other parameters.
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

/** True without a response, or with one that does not say whether the effect happened. */
const isUnknown = ({ type, statusCode = 0, code }: StripeFailure): boolean =>
  statusCode === 0 || statusCode === 409 || statusCode === 429 || statusCode >= 500 || code === 'rate_limit' || type === 'StripeAPIError';

/** The failures that only an operator can fix: a wrong key, or test and live mode mixed. */
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

/** Refusals by the parameter that Stripe rejects. */
const byParameter: Readonly<Record<string, Refusal>> = {
  customer: 'gateway-customer-unknown',
  payment_method: 'payment-method-detached',
  currency: 'currency-not-supported',
};

const refusalOf = ({ code = '', param = '' }: StripeFailure): Refusal | undefined => byCode[code] ?? byParameter[param];

/** The outcome of a refund, by Stripe's status. */
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

/**
 * The outcome of a refund that a failure stands for. A failure that says nothing about the refund
 * is unknown, and is retried.
 */
export function refundOfFailure(failure: StripeFailure): RefundOutcome {
  if (failure.type === 'StripeIdempotencyError') throw new Error(`Stripe: ${failure.message}`);
  if (failure.code === 'idempotency_key_in_use') return { kind: 'in-progress' };
  if (isUnknown(failure) || unavailableCode(failure)) return { kind: 'unknown' };
  const code = failure.code === 'resource_missing' ? 'charge_not_found' : (failure.code ?? 'charge_not_refundable');
  return { kind: 'refused', refundId: null, code: failure.param === 'amount' ? 'amount_too_large' : code };
}

/** The fields of Stripe's Dispute that are read. */
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
  // An appeal is against a loss: the money stays withdrawn until the decision.
  appeal_needs_response: 'lost',
  appeal_under_review: 'lost',
};

/**
 * The status of a dispute, by Stripe's status
 * (https://docs.stripe.com/api/disputes/object#dispute_object-status).
 */
export const disputeStatusOf = (status: string): DisputeStatus => disputeStatuses[status] ?? 'under-review';
