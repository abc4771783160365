import type { RetryPolicy, Terms } from '../../actors/subscription/client.ts';
import { policySchema } from '../../actors/subscription/command-schemas.ts';
import type { CustomerResource } from '../shared/contracts/customer-resource.ts';
import { accept, type Result, reject } from '../shared/result.ts';
import type { Policy } from './customers.ts';

/** What a plan comes to for this customer. */
export type Resolve = (planId: string) => Promise<Result<{ readonly terms: Terms }>>;

export const debtorOf = ({ plan }: Terms, { country, segment = null }: CustomerResource) => ({ planId: plan.planId, country, segment });

/**
 * The retry policy that a subscription keeps: what its start wishes for over what is in force, a downgrade with the terms of its plan as
 * they are now. Where the plan in force is not sold to this customer it ends instead, for that must cost nobody a sale; a wished one is refused.
 */
export async function startPolicy(inForce: Policy, wished: Policy, resolve: Resolve): Promise<Result<RetryPolicy>> {
  const { downgradeTo, ...rest } = { ...inForce, ...wished } as Policy & { downgradeTo?: { planId: string } };
  const found = rest.finalAction === 'downgrade' && downgradeTo ? await resolve(downgradeTo.planId) : undefined;
  if (found?.ok === false && wished.downgradeTo !== undefined)
    return reject(found.rejection.code, found.rejection.message, '/policy/downgradeTo/planId');
  const chosen = found?.ok === false ? { finalAction: 'cancel' } : found && { downgradeTo: found.value.terms };
  const policy = policySchema.safeParse({ ...rest, ...chosen });
  return policy.success ? accept(policy.data) : reject('policy-invalid', 'The policy does not fit together.', '/policy');
}
