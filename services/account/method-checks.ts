import type { CustomerResource, MethodDetails, PaymentMethodResource } from '../shared/contracts/customer-resource.ts';
import { simulatedCard } from '../shared/contracts/simulated-card.ts';
import { type Problem, problem, unavailable } from '../shared/problem.ts';
import { refused } from '../shared/route.ts';
import { type Platform, slowRoute } from '../shared/service.ts';

type Buyer = Pick<CustomerResource, 'id' | 'currency' | 'country'>;
export type Offered = Pick<PaymentMethodResource, 'gateway' | 'token' | 'type'>;
export type Checked = Pick<PaymentMethodResource, 'token' | 'type'> & { readonly card: MethodDetails | null };
type HostedPage = { readonly gateway: Offered['gateway']; readonly returnUrl: string; readonly cancelUrl: string };
type SetupIntent = { readonly setupIntentId: string; readonly clientSecret: string };

/** The result of a check by the payment service (`MethodCheck` there). */
type Verdict =
  | { readonly kind: 'verified'; readonly method: Checked }
  | { readonly kind: 'refused' | 'unavailable'; readonly code: string }
  | { readonly kind: 'unknown' };

export type MethodChecks = {
  /**
   * The method as its gateway stores it; a problem when it cannot be charged or checked. A repeat
   * changes nothing.
   */
  readonly verify: (customerId: string, offered: Offered) => Promise<Checked | Problem>;
  /** The address of the gateway's own page for a new method; null while it is unavailable. */
  readonly hostedPage: (customer: Buyer, page: HostedPage) => Promise<string | null>;
  /** The token of the method that was entered there; null for none. */
  readonly hostedMethod: (gateway: Offered['gateway'], session: string) => Promise<string | null>;
  /** Without a gateway, uses the one that payments in the customer's currency and country go to. */
  readonly setUp: (customer: Buyer, gateway: Offered['gateway'] | undefined) => Promise<SetupIntent | Problem>;
};

/**
 * Gateways are reached through the payment service. A simulated method needs no check: any token is
 * valid.
 */
export const createMethodChecks = ({ invoke, log }: Pick<Platform, 'invoke' | 'log'>): MethodChecks => ({
  verify: async (customerId, { gateway, token, type }) => {
    if (gateway === 'simulated') return { token, type, card: simulatedCard(token) };
    const verdict = (await invoke('payment', 'post', `customers/${customerId}/payment-methods`, { gateway, token }, slowRoute)) as
      | Verdict
      | undefined;
    if (verdict === undefined) return gatewayOff(gateway);
    if (verdict.kind === 'verified') return verdict.method;
    if (verdict.kind === 'refused') return methodRefused(verdict.code);
    log.warn({ customerId, gateway, verdict }, 'payment method check failed');
    return unavailable('gateway-unavailable', 'The payment gateway is temporarily unavailable.');
  },
  hostedPage: async ({ id, currency }, page) => {
    const response = (await invoke('payment', 'post', `customers/${id}/hosted-page`, { currency, ...page }, slowRoute)) as {
      url: string | null;
    };
    return response.url;
  },
  hostedMethod: async (gateway, session) => {
    const response = (await invoke('payment', 'post', 'hosted-methods', { gateway, session }, slowRoute)) as { token: string | null };
    return response.token;
  },
  setUp: async ({ id, currency, country }, gateway) => {
    const question = { gateway: gateway ?? null, currency, country };
    const intent = await invoke('payment', 'post', `customers/${id}/setup`, question, slowRoute);
    return (intent as SetupIntent | undefined) ?? gatewayOff(gateway);
  },
});

/**
 * The refusals that come from the gateway itself and not from a bank; each has a code in the table
 * of problems.
 */
const gatewayRefusals = {
  'payment-method-detached': 'This payment method was removed at the gateway, so it can no longer be charged.',
  'payment-method-of-another-customer': 'This payment method belongs to another customer at the gateway.',
  'payment-method-unknown': 'The gateway has no payment method with this token.',
} as const;

const isGatewayRefusal = (code: string): code is keyof typeof gatewayRefusals => Object.hasOwn(gatewayRefusals, code);

/**
 * 422 at the token. A bank's decline is `payment-method-refused`, and its field has the gateway's
 * own decline code.
 */
export function methodRefused(gatewayCode: string): Problem {
  const [code, message] = isGatewayRefusal(gatewayCode)
    ? ([gatewayCode, gatewayRefusals[gatewayCode]] as const)
    : (['payment-method-refused', 'The gateway cannot charge this payment method.'] as const);
  return problem(422, code, message, [{ pointer: '/token', code: gatewayCode, message }]);
}

const gatewayOff = (gateway = 'stripe'): Problem =>
  refused({ code: 'gateway-off', message: `The gateway ${gateway} is not configured on this instance.`, pointer: '/gateway' });
