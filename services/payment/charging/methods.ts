import type { CustomerResource, PaymentMethodResource } from '../../shared/contracts/customer-resource.ts';
import type { Platform } from '../../shared/service.ts';
import type { Gateways } from '../gateways/gateways.ts';
import type { ChargeableMethod, Payment } from '../payment.ts';
import { inRoutingOrder } from '../routing/routing.ts';
import type { PaymentStore } from '../store.ts';

type Charged = Pick<Payment, 'customerId' | 'currency'>;
type Account = { readonly customer: Pick<CustomerResource, 'country'>; readonly paymentMethods: readonly PaymentMethodResource[] };
type Parts = { readonly store: PaymentStore; readonly gateways: Gateways };

/** The methods whose gateways are configured. */
const chargeable = (methods: readonly ChargeableMethod[], gateways: Gateways): readonly ChargeableMethod[] =>
  methods.filter(({ gateway }) => gateways.has(gateway)).map(({ id, token, gateway }) => ({ id, token, gateway }));

/**
 * The latest published methods of customers, in the order they are tried; null for a customer
 * without one in this projection.
 */
export async function knownMethods({ store, gateways }: Parts, charges: readonly Charged[]) {
  const [known, routes] = await Promise.all([store.methods(charges.map(({ customerId }) => customerId)), store.routing.routes()]);
  return ({ customerId, currency }: Charged): readonly ChargeableMethod[] | null => {
    const { methods = [], country = null } = known.get(customerId) ?? {};
    const usable = chargeable(methods, gateways);
    return usable.length === 0 ? null : inRoutingOrder(usable, routes, { currency, country });
  };
}

/**
 * The customer's methods in the order they are tried. The account service is authoritative; while
 * it is unavailable, the latest published methods are used. Throws where there are none either, so
 * that no payment is declined for lack of a response.
 */
export async function currentMethods({ invoke, log }: Platform, parts: Parts, charged: Charged): Promise<readonly ChargeableMethod[]> {
  const { customerId, currency } = charged;
  try {
    const account = (await invoke('account', 'get', `customers/${customerId}`)) as Account | undefined;
    if (account === undefined) return [];
    const routes = await parts.store.routing.routes();
    return inRoutingOrder(chargeable(account.paymentMethods, parts.gateways), routes, { currency, country: account.customer.country });
  } catch (error) {
    const known = (await knownMethods(parts, [charged]))(charged);
    if (known === null) throw error;
    log.warn({ err: error, customerId }, 'account service unavailable, charging the latest known methods');
    return known;
  }
}
