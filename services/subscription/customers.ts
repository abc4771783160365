import { LRUCache } from 'lru-cache';
import type { CustomerResource, PaymentMethodResource } from '../shared/contracts/customer-resource.ts';
import type { Platform } from '../shared/service.ts';

export type KnownCustomer = { readonly customer: CustomerResource; readonly paymentMethods: readonly PaymentMethodResource[] };

/** The customer as the account service knows them now, or undefined. */
export const customerOf = async ({ invoke }: Platform, id: string): Promise<KnownCustomer | undefined> =>
  (await invoke('account', 'get', `customers/${encodeURIComponent(id)}`)) as KnownCustomer | undefined;

/** Who starts a subscription, as far as dunning policies tell people apart. */
export type Debtor = { readonly planId: string; readonly country: string; readonly segment: string | null };

export type Policy = Readonly<Record<string, unknown>>;

/** The dunning policy in force for this one, asked for at most every ten seconds; a subscription keeps the one it started with. */
export function policySource({ invoke }: Platform): (debtor: Debtor) => Promise<Policy> {
  const known = new LRUCache<string, Policy>({ max: 1_000, ttl: 10_000 });
  return async (debtor) => {
    const key = JSON.stringify(debtor);
    const policy = known.get(key) ?? ((await invoke('dunning', 'post', 'policy', debtor)) as Policy);
    if (!known.has(key)) known.set(key, policy);
    return policy;
  };
}
