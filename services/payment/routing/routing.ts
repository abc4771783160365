import type { ChargeableMethod } from '../payment.ts';

/** Payments in one of these currencies, by customers of one of these countries, go by this gateway; an absent list fits all. */
export type GatewayRoute = {
  readonly gateway: string;
  readonly currencies?: readonly string[] | undefined;
  readonly countries?: readonly string[] | undefined;
};

export type Charged = { readonly currency: string; readonly country: string | null };

const fits = ({ currencies, countries }: GatewayRoute, { currency, country }: Charged): boolean =>
  (currencies?.includes(currency) ?? true) && (countries === undefined || (country !== null && countries.includes(country)));

/** Where a payment would rather go, the best first. */
export const preferredGateways = (routes: readonly GatewayRoute[], charged: Charged): readonly string[] =>
  routes.filter((route) => fits(route, charged)).map(({ gateway }) => gateway);

/**
 * The methods in the order they are tried: those at the gateway of the first route that fits and that the customer has a method at, then
 * the others as they were. A method is only ever charged at its own gateway.
 */
export function routed(
  methods: readonly ChargeableMethod[],
  routes: readonly GatewayRoute[],
  charged: Charged,
): readonly ChargeableMethod[] {
  const preferred = preferredGateways(routes, charged).find((name) => methods.some(({ gateway }) => gateway === name));
  if (preferred === undefined) return methods;
  return methods.toSorted((one, other) => Number(other.gateway === preferred) - Number(one.gateway === preferred));
}
