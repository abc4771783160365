import type { CustomerResource, PaymentMethodResource } from '../../shared/contracts/customer-resource.ts';
import type { Platform } from '../../shared/service.ts';
import type { Gateways } from '../gateways/gateways.ts';
import type { ChargeableMethod, Payment } from '../payment.ts';
import { routed } from '../routing/routing.ts';
import type { PaymentStore } from '../store.ts';

type Charged = Pick<Payment, 'customerId' | 'currency'>;
type Account = { readonly customer: Pick<CustomerResource, 'country'>; readonly paymentMethods: readonly PaymentMethodResource[] };
type Parts = { readonly store: PaymentStore; readonly gateways: Gateways };

/** The methods whose gateways are switched on. */
const chargeable = (methods: readonly ChargeableMethod[], gateways: Gateways): readonly ChargeableMethod[] =>
  methods.filter(({ gateway }) => gateways.has(gateway)).map(({ id, token, gateway }) => ({ id, token, gateway }));

/** What was heard of the customers' methods, in the order they are tried; null for who has none here. */
export async function knownMethods({ store, gateways }: Parts, charges: readonly Charged[]) {
  const [known, routes] = await Promise.all([store.methods(charges.map(({ customerId }) => customerId)), store.routing.routes()]);
  return ({ customerId, currency }: Charged): readonly ChargeableMethod[] | null => {
    const { methods = [], country = null } = known.get(customerId) ?? {};
    const usable = chargeable(methods, gateways);
    return usable.length === 0 ? null : routed(usable, routes, { currency, country });
  };
}

/**
 * The customer's methods in the order they are tried. The account service knows best; while it is away, what was heard last does, if there
 * was any: nobody is declined for want of knowledge.
 */
export async function currentMethods({ invoke, log }: Platform, parts: Parts, charged: Charged): Promise<readonly ChargeableMethod[]> {
  const { customerId, currency } = charged;
  try {
    const account = (await invoke('account', 'get', `customers/${customerId}`)) as Account | undefined;
    if (account === undefined) return [];
    const routes = await parts.store.routing.routes();
    return routed(chargeable(account.paymentMethods, parts.gateways), routes, { currency, country: account.customer.country });
  } catch (error) {
    const known = (await knownMethods(parts, [charged]))(charged);
    if (known === null) throw error;
    log.warn({ customerId, reason: (error as Error).message }, 'the account service is away; charging what was heard last');
    return known;
  }
}
