import type { ChargeableMethod } from '../payment.ts';

/**
 * Payments in one of these currencies, by customers of one of these countries, prefer this gateway.
 * An absent list matches all.
 */
export type GatewayRoute = {
  readonly gateway: string;
  readonly currencies?: readonly string[] | undefined;
  readonly countries?: readonly string[] | undefined;
};

/** The facts of a payment that routes are matched by. */
export type RoutedPayment = { readonly currency: string; readonly country: string | null };

const matches = ({ currencies, countries }: GatewayRoute, { currency, country }: RoutedPayment): boolean =>
  (currencies?.includes(currency) ?? true) && (countries === undefined || (country !== null && countries.includes(country)));

/** The gateways that a payment prefers, the best first. */
export const preferredGateways = (routes: readonly GatewayRoute[], payment: RoutedPayment): readonly string[] =>
  routes.filter((route) => matches(route, payment)).map(({ gateway }) => gateway);

/**
 * The methods in the order they are tried: those at the gateway of the first route that matches and
 * that the customer has a method at, then the others in their own order. A method is only ever
 * charged at its own gateway.
 */
export function inRoutingOrder(
  methods: readonly ChargeableMethod[],
  routes: readonly GatewayRoute[],
  payment: RoutedPayment,
): readonly ChargeableMethod[] {
  const preferred = preferredGateways(routes, payment).find((name) => methods.some(({ gateway }) => gateway === name));
  if (preferred === undefined) return methods;
  return methods.toSorted((one, other) => Number(other.gateway === preferred) - Number(one.gateway === preferred));
}
