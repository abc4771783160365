import type { DeclineCategory } from '../../shared/contracts/payment-resource.ts';

/**
 * The decline codes of gateways (Stripe's names, and the refusals of `gateway.ts`) by the remedy: a
 * new method (hard), an updated card, or the customer's authentication.
 */
const categories: Readonly<Record<Exclude<DeclineCategory, 'soft' | 'no-payment-method'>, readonly string[]>> = {
  hard: [
    'stolen_card',
    'lost_card',
    'pickup_card',
    'fraudulent',
    'merchant_blacklist',
    'security_violation',
    'restricted_card',
    'invalid_account',
    'invalid_number',
    'incorrect_number',
    'invalid_payment_method',
    'new_account_information_available',
    'revocation_of_authorization',
    'revocation_of_all_authorizations',
    'stop_payment_order',
    'transaction_not_allowed',
    'service_not_allowed',
    'not_permitted',
    'card_not_supported',
    'currency_not_supported',
    'no_action_taken',
    'testmode_decline',
    'amount-too-small',
    'amount-too-large',
    'currency-not-supported',
    'gateway-customer-unknown',
    'payment-method-detached',
  ],
  'expired-card': ['expired_card', 'invalid_expiry_month', 'invalid_expiry_year'],
  'action-required': ['authentication_required', 'offline_pin_required', 'online_or_offline_pin_required'],
};

const categoryOf = new Map(
  Object.entries(categories).flatMap(([category, codes]) => codes.map((code) => [code, category as DeclineCategory] as const)),
);

/**
 * Every code that is not known to be final counts as soft, since the retry schedule ends
 * automatically.
 */
export const declineCategory = (code: string): DeclineCategory => categoryOf.get(code) ?? 'soft';
