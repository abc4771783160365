import type { RetryPolicy, Terms } from '../../actors/subscription/client.ts';
import { policySchema } from '../../actors/subscription/command-schemas.ts';
import type { CustomerResource } from '../shared/contracts/customer-resource.ts';
import { accept, type Result, reject } from '../shared/result.ts';
import type { Policy } from './customers.ts';

/** The current terms of a plan for this customer. */
export type TermsOfPlan = (planId: string) => Promise<Result<{ readonly terms: Terms }>>;

export const debtorOf = ({ plan }: Terms, { country, segment = null }: CustomerResource) => ({ planId: plan.planId, country, segment });

/**
 * The retry policy that a subscription keeps: the fields of its start request over the policy in
 * force, a downgrade with the current terms of its plan. Where the downgrade plan of the policy in
 * force is not sold to this customer, the policy ends with a cancellation instead, so that no sale
 * is lost; a requested downgrade plan is rejected.
 */
export async function startPolicy(inForce: Policy, requested: Policy, termsOfPlan: TermsOfPlan): Promise<Result<RetryPolicy>> {
  const { downgradeTo, ...rest } = { ...inForce, ...requested } as Policy & { downgradeTo?: { planId: string } };
  const found = rest.finalAction === 'downgrade' && downgradeTo ? await termsOfPlan(downgradeTo.planId) : undefined;
  if (found?.ok === false && requested.downgradeTo !== undefined)
    return reject(found.rejection.code, found.rejection.message, '/policy/downgradeTo/planId');
  const finalAction = found?.ok === false ? { finalAction: 'cancel' } : found && { downgradeTo: found.value.terms };
  const policy = policySchema.safeParse({ ...rest, ...finalAction });
  return policy.success ? accept(policy.data) : reject('policy-invalid', 'The retry policy is inconsistent.', '/policy');
}
