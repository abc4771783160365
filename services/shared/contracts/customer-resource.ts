import type { Instant } from '../time.ts';

/** `data` of `customer.created`, `customer.updated`, `customer.erased`. */
export type CustomerResource = {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly phone: string | null;
  readonly locale: string;
  readonly country: string;
  readonly currency: string;
  readonly timezone: string;
  readonly address: Readonly<Record<string, string>> | null;
  readonly vatId: string | null;
  readonly taxExempt: boolean;
  /** `consolidated`: renewals of one day bear one number and are charged once. Absent, as `separate`, where it was never said. */
  readonly invoiceGrouping?: 'separate' | 'consolidated';
  readonly birthYear: number | null;
  /** The operator's word for a kind of customer, which dunning policies may name. */
  readonly segment?: string | null;
  /** The app's word for who lives together, opaque: one trial for all of them. */
  readonly household?: string | null | undefined;
  readonly profiles: readonly unknown[];
  readonly preferences: CustomerPreferences;
  readonly testClock: string | null;
  readonly createdAt: Instant;
};
export type CustomerPreferences = { readonly email: boolean; readonly sms: boolean };

/** `data` of `customer.payment-method-added`, `customer.payment-method-removed`, `customer.payment-method-updated`, with the customer's methods after it. */
export type PaymentMethodsChanged = {
  readonly customerId: string;
  readonly country?: string;
  readonly paymentMethods: readonly PaymentMethodResource[];
};
export type PaymentMethodResource = {
  readonly id: string;
  readonly customerId: string;
  readonly gateway: 'simulated' | 'stripe';
  readonly type: 'card' | 'apple_pay' | 'google_pay' | 'paypal' | 'sepa_debit' | 'link';
  readonly token: string;
  /** What the gateway tells of it, null where it tells nothing; a debit has no expiry. */
  readonly card: MethodDetails | null;
  readonly default: boolean;
  readonly createdAt: Instant;
};
export type MethodDetails = {
  readonly brand: string;
  readonly last4: string;
  readonly expMonth: number | null;
  readonly expYear: number | null;
  /** Equal for the same card, whatever its token. */
  readonly fingerprint: string | null;
  /** Of the issuer, where the gateway tells. */
  readonly country?: string | null;
};
