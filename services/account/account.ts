import type { CustomerResource, MethodDetails, PaymentMethodResource } from '../shared/contracts/customer-resource.ts';
import type { EventData, EventTypeOf } from '../shared/contracts/events.ts';
import { accept, type Rejection, type Result, reject } from '../shared/result.ts';
import type { Instant } from '../shared/time.ts';

export type Customer = CustomerResource;

/** A customer with payment methods, in the order in which they are charged, the default first. */
export type Account = { readonly customer: Customer; readonly paymentMethods: readonly PaymentMethodResource[] };

/** The fields of a customer that an update can change. */
export type CustomerFields = Omit<CustomerResource, 'id' | 'testClock' | 'createdAt' | 'erasedAt'>;
export type CustomerPatch = { readonly [Name in keyof CustomerFields]?: CustomerFields[Name] | undefined };

/** The changed details of a card. */
export type CardPatch = { readonly [Name in keyof MethodDetails]?: MethodDetails[Name] | undefined };

export type NewPaymentMethod = Pick<PaymentMethodResource, 'id' | 'gateway' | 'token' | 'type' | 'card' | 'default'>;

type ChangeType = Exclude<EventTypeOf<'customer'>, 'customer.payment-method-expiring'>;
type MethodsChangeType = Exclude<ChangeType, 'customer.created' | 'customer.updated' | 'customer.erased'>;
type ChangeEvent<Type extends ChangeType> = { readonly type: Type; readonly data: EventData<Type> };

/**
 * The account after a change, with the event to publish. A decision without one changes nothing.
 */
export type AccountChange = Account & { readonly event: { readonly [Type in ChangeType]: ChangeEvent<Type> }[ChangeType] };
export type Decision = Result<AccountChange | undefined>;

const mostPaymentMethods = 20;

/** A new account without payment methods, created at `now` (UTC). */
export function openAccount(id: string, fields: CustomerFields, testClock: string | null, now: Instant): AccountChange {
  const customer: Customer = { id, ...fields, testClock, createdAt: now, erasedAt: null };
  return { customer, paymentMethods: [], event: { type: 'customer.created', data: customer } };
}

/** Applies the fields that differ; `previous` of the event has their former values. */
export function updateCustomer({ customer, paymentMethods }: Account, patch: CustomerPatch): Decision {
  if (customer.erasedAt !== null) return customerErased;
  const names = Object.keys(patch) as (keyof CustomerFields)[];
  const changed = names.filter((name) => canonical(patch[name]) !== canonical(customer[name]));
  if (changed.length === 0) return accept(undefined);
  const next = { ...customer, ...patch } as Customer;
  const previous = Object.fromEntries(changed.map((name) => [name, customer[name]]));
  return accept({ customer: next, paymentMethods, event: { type: 'customer.updated', data: { ...next, previous } } });
}

const erasedFields = {
  email: '',
  name: '',
  phone: null,
  address: null,
  birthYear: null,
  profiles: [],
  preferences: { email: false, sms: false },
} satisfies Partial<CustomerFields>;

/**
 * Erases the personal data and keeps the fields that bookkeeping needs. The event names the erased
 * fields without their values. A repeat changes nothing.
 */
export function eraseCustomer({ customer, paymentMethods }: Account, now: Instant): Decision {
  if (customer.erasedAt !== null) return accept(undefined);
  const blank = customer.household == null ? erasedFields : { ...erasedFields, household: null };
  const next: Customer = { ...customer, ...blank, erasedAt: now };
  const names = Object.keys(blank) as (keyof typeof erasedFields)[];
  const erased = names.filter((name) => canonical(customer[name]) !== canonical(blank[name]));
  return accept({ customer: next, paymentMethods, event: { type: 'customer.erased', data: { ...next, erased } } });
}

/**
 * The first method is the default; a later one with `default: true` replaces it. The same method
 * again changes nothing.
 */
export function addPaymentMethod({ customer, paymentMethods }: Account, method: NewPaymentMethod, now: Instant): Decision {
  if (customer.erasedAt !== null) return customerErased;
  const known = paymentMethods.find(({ id }) => id === method.id);
  if (known) {
    const same = known.gateway === method.gateway && known.token === method.token && known.type === method.type;
    return same
      ? accept(undefined)
      : reject('already-exists', `A payment method with the id ${method.id} already exists with different data.`);
  }
  if (paymentMethods.length >= mostPaymentMethods)
    return reject('too-many-payment-methods', `A customer can have at most ${mostPaymentMethods} payment methods. Remove one first.`);
  const first = method.default || paymentMethods.length === 0;
  const added: PaymentMethodResource = { ...method, customerId: customer.id, default: first, createdAt: now };
  const others = first ? paymentMethods.map((other) => ({ ...other, default: false })) : paymentMethods;
  return methodsChanged(customer, first ? [added, ...others] : [...others, added], 'customer.payment-method-added');
}

/**
 * Updates the details of a card, for example after its bank renewed it; the order stays the same.
 */
export function updateCard({ customer, paymentMethods }: Account, methodId: string, patch: CardPatch): Decision {
  if (customer.erasedAt !== null) return customerErased;
  const known = paymentMethods.find(({ id }) => id === methodId);
  if (known === undefined) return reject('payment-method-not-found', `The customer has no payment method with the id ${methodId}.`);
  if (known.card === null) return reject('payment-method-without-card', `No card details are stored for payment method ${methodId}.`);
  const card = { ...known.card, ...patch } as MethodDetails;
  if (canonical(card) === canonical(known.card)) return accept(undefined);
  const methods = paymentMethods.map((method) => (method.id === methodId ? { ...method, card } : method));
  return methodsChanged(customer, methods, 'customer.payment-method-updated');
}

/** After the default is removed, the next method in order becomes the default. */
export function removePaymentMethod({ customer, paymentMethods }: Account, methodId: string): Decision {
  const rest = paymentMethods.filter(({ id }) => id !== methodId);
  if (rest.length === paymentMethods.length)
    return reject('payment-method-not-found', `The customer has no payment method with the id ${methodId}.`);
  const ordered = rest.map((method, index) => ({ ...method, default: index === 0 }));
  return methodsChanged(customer, ordered, 'customer.payment-method-removed');
}

const methodsChanged = (customer: Customer, paymentMethods: readonly PaymentMethodResource[], type: MethodsChangeType): Decision =>
  accept({ customer, paymentMethods, event: { type, data: { customerId: customer.id, country: customer.country, paymentMethods } } });

const customerErased: { readonly ok: false; readonly rejection: Rejection } = {
  ok: false,
  rejection: { code: 'customer-erased', message: 'The customer was erased and can no longer be changed.' },
};

/** Equal values have the same text, whatever the order of their keys. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, part) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
