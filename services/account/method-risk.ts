import type { PaymentMethodResource } from '../shared/contracts/customer-resource.ts';
import { riskRefusal } from '../shared/contracts/risk-check.ts';
import { isProblem, type Problem } from '../shared/problem.ts';
import type { Risk } from '../shared/risk.ts';
import type { Account } from './account.ts';
import type { Checked, MethodChecks, Offered } from './method-checks.ts';

/** Admits a method to an account: the method as its gateway stores it, or the problem with it. */
export type MethodAdmission = (account: Account, method: Offered & Pick<PaymentMethodResource, 'id'>) => Promise<Checked | Problem>;

/**
 * Runs the risk check before the gateway, so that no one tests stolen cards on it, and again after
 * the gateway refused the method or reported the country of the card. A method that the account
 * already has is a repeat and needs no risk check.
 */
export const admitMethods =
  ({ verify }: Pick<MethodChecks, 'verify'>, { check }: Pick<Risk, 'check'>): MethodAdmission =>
  async ({ customer, paymentMethods }, { id, ...offered }) => {
    if (paymentMethods.some((known) => known.id === id)) return verify(customer.id, offered);
    const question = { id, customerId: customer.id, testClock: customer.testClock, country: customer.country };
    const refusal = riskRefusal(await check({ kind: 'payment-method-offered', ...question }));
    if (refusal) return refusal;
    const checked = await verify(customer.id, offered);
    if (isProblem(checked)) {
      if (isOfMethod(checked)) await check({ kind: 'payment-method-checked', ...question, isRefused: true, card: null });
      return checked;
    }
    const { fingerprint = null, country = null } = checked.card ?? {};
    if (country === null) return checked;
    const card = { gateway: offered.gateway, fingerprint, country };
    return riskRefusal(await check({ kind: 'payment-method-checked', ...question, isRefused: false, card })) ?? checked;
  };

/** True when the gateway refused the method, false when it was unavailable or not configured. */
const isOfMethod = ({ errors = [] }: Problem): boolean => errors.some(({ pointer }) => pointer === '/token');
