import type { PaymentMethodResource } from '../shared/contracts/customer-resource.ts';

/** A payment method as clients see it: the token of a real gateway is never returned. */
export const paymentMethodResource = ({ token, ...method }: PaymentMethodResource) =>
  method.gateway === 'simulated' ? { ...method, token } : method;
