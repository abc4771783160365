import type { PaymentMethodResource } from '../shared/contracts/customer-resource.ts';
import { riskRefusal } from '../shared/contracts/risk-check.ts';
import { isProblem, type Problem } from '../shared/problem.ts';
import type { Risk } from '../shared/risk.ts';
import type { Account } from './account.ts';
import type { Checked, MethodChecks, Offered } from './method-checks.ts';

/** Whether an account may have a method: the method as its gateway knows it, or the problem with it. */
export type MethodAdmission = (account: Account, method: Offered & Pick<PaymentMethodResource, 'id'>) => Promise<Checked | Problem>;

/**
 * Asks the risk check before the gateway, so that nobody tries cards on it, and again where the gateway refused or told the card's
 * country. A method that the account has already is a repeat, which no risk is in.
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

/** The gateway refused the method, and was not merely away or switched off. */
const isOfMethod = ({ errors = [] }: Problem): boolean => errors.some(({ pointer }) => pointer === '/token');
