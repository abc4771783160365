import type { CustomerResource, MethodDetails, PaymentMethodResource } from '../shared/contracts/customer-resource.ts';
import { simulatedCard } from '../shared/contracts/simulated-card.ts';
import { type Problem, unavailable } from '../shared/problem.ts';
import type { ProblemCode } from '../shared/problems/index.ts';
import { refused } from '../shared/route.ts';
import type { Platform } from '../shared/service.ts';

type Buyer = Pick<CustomerResource, 'id' | 'currency' | 'country'>;
export type Offered = Pick<PaymentMethodResource, 'gateway' | 'token' | 'type'>;
export type Checked = Pick<PaymentMethodResource, 'token' | 'type'> & { readonly card: MethodDetails | null };
type HostedPage = { readonly gateway: Offered['gateway']; readonly returnUrl: string; readonly cancelUrl: string };
type SetUp = { readonly setupIntentId: string; readonly clientSecret: string };

/** What payment's gateway says of a token (`MethodCheck` there). */
type Verdict =
  | { readonly kind: 'verified'; readonly method: Checked }
  | { readonly kind: 'refused' | 'unavailable'; readonly code: string }
  | { readonly kind: 'unknown' };

export type MethodChecks = {
  /** The method as its gateway knows it; a problem where it cannot be charged, or the gateway cannot be asked. A repeat changes nothing. */
  readonly verify: (customerId: string, offered: Offered) => Promise<Checked | Problem>;
  /** The address of the gateway's own page where the customer gives a method; null while it cannot be had. */
  readonly hostedPage: (customer: Buyer, page: HostedPage) => Promise<string | null>;
  /** What was given there; null where nothing was. */
  readonly hostedMethod: (gateway: Offered['gateway'], session: string) => Promise<string | null>;
  /** At the gateway that payments in the customer's currency and country go by, unless another is named. */
  readonly setUp: (customer: Buyer, gateway: Offered['gateway'] | undefined) => Promise<SetUp | Problem>;
};

/** Gateways are payment's: they are asked through it. A simulated method needs nobody, any token is one. */
export const createMethodChecks = ({ invoke, log }: Pick<Platform, 'invoke' | 'log'>): MethodChecks => ({
  verify: async (customerId, { gateway, token, type }) => {
    if (gateway === 'simulated') return { token, type, card: simulatedCard(token) };
    const verdict = (await invoke('payment', 'post', `customers/${customerId}/payment-methods`, { gateway, token })) as Verdict | undefined;
    if (verdict === undefined) return gatewayOff(gateway);
    if (verdict.kind === 'verified') return verdict.method;
    if (verdict.kind === 'refused')
      return refused({
        code: verdict.code as ProblemCode,
        message: `The gateway cannot charge this method: ${verdict.code}.`,
        pointer: '/token',
      });
    log.warn({ customerId, gateway, verdict }, 'a payment method could not be checked');
    return unavailable('gateway-unavailable', 'The payment gateway cannot be asked at the moment.');
  },
  hostedPage: async ({ id, currency }, page) => {
    const answer = (await invoke('payment', 'post', `customers/${id}/hosted-page`, { currency, ...page })) as { url: string | null };
    return answer.url;
  },
  hostedMethod: async (gateway, session) => {
    const answer = (await invoke('payment', 'post', 'hosted-methods', { gateway, session })) as { token: string | null };
    return answer.token;
  },
  setUp: async ({ id, currency, country }, gateway) => {
    const answer = await invoke('payment', 'post', `customers/${id}/setup`, { gateway: gateway ?? null, currency, country });
    return (answer as SetUp | undefined) ?? gatewayOff(gateway);
  },
});

const gatewayOff = (gateway = 'stripe'): Problem =>
  refused({ code: 'gateway-off', message: `The gateway ${gateway} is switched off here.`, pointer: '/gateway' });
