import type { CustomerResource, PaymentMethodResource } from '../shared/events.ts';
import type { Platform } from '../shared/service.ts';

export type KnownCustomer = { readonly customer: CustomerResource; readonly paymentMethods: readonly PaymentMethodResource[] };

/** The customer as the account service knows them now, or undefined. */
export const customerOf = async ({ invoke }: Platform, id: string): Promise<KnownCustomer | undefined> =>
  (await invoke('account', 'get', `customers/${encodeURIComponent(id)}`)) as KnownCustomer | undefined;

/** The dunning policy in force, asked for at most every ten seconds; a subscription keeps the one it started with. */
export function policySource({ invoke }: Platform): () => Promise<Readonly<Record<string, unknown>>> {
  let known: { policy: Readonly<Record<string, unknown>>; until: number } | undefined;
  return async () => {
    if (!known || known.until < performance.now()) {
      const policy = (await invoke('dunning', 'get', 'policy')) as Readonly<Record<string, unknown>>;
      known = { policy, until: performance.now() + 10_000 };
    }
    return known.policy;
  };
}
