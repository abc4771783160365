import type { CustomerResource, MethodDetails, PaymentMethodResource } from '../shared/contracts/customer-resource.ts';
import { accept, type Rejection, type Result, reject } from '../shared/result.ts';
import type { Instant } from '../shared/time.ts';

export type Customer = CustomerResource;

/** A customer and how they pay; the payment methods stand in the order they are tried, the default first. */
export type Account = { readonly customer: Customer; readonly paymentMethods: readonly PaymentMethodResource[] };

/** What a customer may change about themselves. */
export type CustomerFields = Omit<CustomerResource, 'id' | 'testClock' | 'createdAt' | 'erasedAt'>;
export type CustomerPatch = { readonly [Name in keyof CustomerFields]?: CustomerFields[Name] | undefined };

/** What may be told anew of a card. */
export type CardPatch = { readonly [Name in keyof MethodDetails]?: MethodDetails[Name] | undefined };

export type NewPaymentMethod = Pick<PaymentMethodResource, 'id' | 'gateway' | 'token' | 'type' | 'card' | 'default'>;

/** The account after a change, and the event that tells of it. Undefined in a decision: it is so already. */
export type AccountChange = Account & { readonly event: { readonly type: string; readonly data: unknown } };
export type Decision = Result<AccountChange | undefined>;

const mostPaymentMethods = 20;

export function openAccount(id: string, fields: CustomerFields, testClock: string | null, now: Instant): AccountChange {
  const customer: Customer = { id, ...fields, testClock, createdAt: now, erasedAt: null };
  return { customer, paymentMethods: [], event: { type: 'customer.created', data: customer } };
}

/** Takes over the fields that differ; the event's `previous` holds what they were. */
export function updateCustomer({ customer, paymentMethods }: Account, patch: CustomerPatch): Decision {
  if (customer.erasedAt !== null) return customerErased;
  const names = Object.keys(patch) as (keyof CustomerFields)[];
  const changed = names.filter((name) => canonical(patch[name]) !== canonical(customer[name]));
  if (changed.length === 0) return accept(undefined);
  const next = { ...customer, ...patch } as Customer;
  const previous = Object.fromEntries(changed.map((name) => [name, customer[name]]));
  return accept({ customer: next, paymentMethods, event: { type: 'customer.updated', data: { ...next, previous } } });
}

const nobody = {
  email: '',
  name: '',
  phone: null,
  address: null,
  birthYear: null,
  profiles: [],
  preferences: { email: false, sms: false },
} satisfies Partial<CustomerFields>;

/** Forgets who the customer is and keeps what bookkeeping needs. The event names the fields erased, and nothing of what they held. */
export function eraseCustomer({ customer, paymentMethods }: Account, now: Instant): Decision {
  if (customer.erasedAt !== null) return accept(undefined);
  const gone = customer.household == null ? nobody : { ...nobody, household: null };
  const next: Customer = { ...customer, ...gone, erasedAt: now };
  const names = Object.keys(gone) as (keyof typeof nobody)[];
  const erased = names.filter((name) => canonical(customer[name]) !== canonical(gone[name]));
  return accept({ customer: next, paymentMethods, event: { type: 'customer.erased', data: { ...next, erased } } });
}

/** The first method is the default; a later one becomes it by `default: true`, which demotes the others. */
export function addPaymentMethod({ customer, paymentMethods }: Account, method: NewPaymentMethod, now: Instant): Decision {
  if (customer.erasedAt !== null) return customerErased;
  const known = paymentMethods.find(({ id }) => id === method.id);
  if (known) {
    const same = known.gateway === method.gateway && known.token === method.token && known.type === method.type;
    return same ? accept(undefined) : reject('already-exists', `There is another payment method ${method.id}.`);
  }
  if (paymentMethods.length >= mostPaymentMethods)
    return reject('too-many-payment-methods', `A customer may have ${mostPaymentMethods} payment methods.`);
  const first = method.default || paymentMethods.length === 0;
  const added: PaymentMethodResource = { ...method, customerId: customer.id, default: first, createdAt: now };
  const others = first ? paymentMethods.map((other) => ({ ...other, default: false })) : paymentMethods;
  return methodsChanged(customer, first ? [added, ...others] : [...others, added], 'customer.payment-method-added');
}

/** What the gateway, or the card networks through it, tell anew of a card: the method stays the same one, in its place. */
export function updateCard({ customer, paymentMethods }: Account, methodId: string, news: CardPatch): Decision {
  if (customer.erasedAt !== null) return customerErased;
  const known = paymentMethods.find(({ id }) => id === methodId);
  if (known === undefined) return reject('payment-method-not-found', `There is no payment method ${methodId}.`);
  if (known.card === null) return reject('payment-method-without-card', `Of ${methodId} no card is known.`);
  const card = { ...known.card, ...news } as MethodDetails;
  if (canonical(card) === canonical(known.card)) return accept(undefined);
  const methods = paymentMethods.map((method) => (method.id === methodId ? { ...method, card } : method));
  return methodsChanged(customer, methods, 'customer.payment-method-updated');
}

/** When the default goes, the next one in order takes its place. */
export function removePaymentMethod({ customer, paymentMethods }: Account, methodId: string): Decision {
  const left = paymentMethods.filter(({ id }) => id !== methodId);
  if (left.length === paymentMethods.length) return reject('payment-method-not-found', `There is no payment method ${methodId}.`);
  const ordered = left.map((method, index) => ({ ...method, default: index === 0 }));
  return methodsChanged(customer, ordered, 'customer.payment-method-removed');
}

const methodsChanged = (customer: Customer, paymentMethods: readonly PaymentMethodResource[], type: string): Decision =>
  accept({ customer, paymentMethods, event: { type, data: { customerId: customer.id, country: customer.country, paymentMethods } } });

const customerErased: { readonly ok: false; readonly rejection: Rejection } = {
  ok: false,
  rejection: { code: 'customer-erased', message: 'This customer was erased and cannot be changed.' },
};

/** One text for equal values, whatever the order of their keys. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, part) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
