import { accountProblems } from './account.ts';
import { authProblems } from './auth.ts';
import { crmProblems } from './crm.ts';
import { dunningProblems } from './dunning.ts';
import { generalProblems } from './general.ts';
import { invoicingProblems } from './invoicing.ts';
import { notificationProblems } from './notification.ts';
import { paymentProblems } from './payment.ts';
import { securityProblems } from './security.ts';
import { subscriptionProblems } from './subscription.ts';
import { subscriptionAnalyticsProblems } from './subscription-analytics.ts';

/**
 * Every problem code of the API, once. `docs/errors.md`, `/docs/problems/<code>` and the OpenAPI
 * document are made from it.
 */
export const problems = {
  ...generalProblems,
  ...accountProblems,
  ...authProblems,
  ...crmProblems,
  ...dunningProblems,
  ...invoicingProblems,
  ...notificationProblems,
  ...paymentProblems,
  ...securityProblems,
  ...subscriptionProblems,
  ...subscriptionAnalyticsProblems,
};

export type ProblemCode = keyof typeof problems;

export const isProblemCode = (code: string): code is ProblemCode => Object.hasOwn(problems, code);
