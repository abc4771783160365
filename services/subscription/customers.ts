import { LRUCache } from 'lru-cache';
import type { CustomerResource, PaymentMethodResource } from '../shared/contracts/customer-resource.ts';
import { type Problem, problem } from '../shared/problem.ts';
import type { Platform } from '../shared/service.ts';

export type KnownCustomer = { readonly customer: CustomerResource; readonly paymentMethods: readonly PaymentMethodResource[] };

/**
 * The customer as the account service knows them now, or undefined. Throws when account is
 * unavailable.
 */
export const customerOf = async ({ invoke }: Platform, id: string): Promise<KnownCustomer | undefined> =>
  (await invoke('account', 'get', `customers/${encodeURIComponent(id)}`)) as KnownCustomer | undefined;

/** 422: the body names a customer that does not exist. */
export function customerNotFound(id: string): Problem {
  const message = `There is no customer with the id ${id}.`;
  return problem(422, 'customer-not-found', message, [{ pointer: '/customerId', code: 'customer-not-found', message }]);
}

/** The properties of a customer by which dunning policies are chosen. */
export type Debtor = { readonly planId: string; readonly country: string; readonly segment: string | null };

export type Policy = Readonly<Record<string, unknown>>;

/**
 * The dunning policy in force for a customer, read at most once in ten seconds. A subscription
 * keeps the policy it started with.
 */
export function policySource({ invoke }: Platform): (debtor: Debtor) => Promise<Policy> {
  const known = new LRUCache<string, Policy>({ max: 1_000, ttl: 10_000 });
  return async (debtor) => {
    const key = JSON.stringify(debtor);
    const policy = known.get(key) ?? ((await invoke('dunning', 'post', 'policy', debtor)) as Policy);
    if (!known.has(key)) known.set(key, policy);
    return policy;
  };
}
