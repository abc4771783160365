import { type RiskAnswer, riskRefusal } from '../shared/contracts/risk-check.ts';
import { collectionOf, insertNew } from '../shared/mongo.ts';
import { type Problem, problem } from '../shared/problem.ts';
import type { Risk } from '../shared/risk.ts';
import type { Plan } from './catalogue/plan.ts';
import type { KnownCustomer } from './customers.ts';
import type { Store } from './store.ts';

/** The start for which a trial is requested. A gift is as long as it says and uses no trial. */
export type TrialRequest = KnownCustomer & {
  readonly id: string;
  readonly plan: Plan;
  readonly trialDays: number | undefined;
  readonly isGift: boolean;
  readonly sourceAddress: string | undefined;
};

/**
 * The trial of a start. `release` undoes the claims of this request when the start is refused
 * afterwards.
 */
export type Trial = { readonly days: number; readonly release: () => Promise<void> };

/**
 * Whether the start may proceed, and the length of its trial. A customer has one trial for each
 * plan family. The risk check recognises a person who had it under another identity, by card or
 * household. A repeat of a start keeps its trial.
 */
export const trialsWith =
  ({ trials }: Pick<Store, 'trials'>, risk: Risk) =>
  async (request: TrialRequest): Promise<Trial | Problem> => {
    const { customer, plan, id, isGift, paymentMethods } = request;
    const trialId = `${customer.id}|${plan.family}`;
    const days = request.trialDays ?? (isGift ? 0 : plan.trialDays);
    const claim = isGift || days === 0 ? 'none' : await claimTrial(trials, trialId, id);
    const releaseTrial = async () => {
      if (claim === 'claimed') await collectionOf(trials).deleteOne({ _id: trialId, subscriptionId: id });
    };
    const refuse = async (refusal: Problem): Promise<Problem> => {
      await releaseTrial();
      return refusal;
    };
    const isTrial = claim === 'claimed' || claim === 'held';
    if (isTrial && plan.trialRequiresPaymentMethod && paymentMethods.length === 0) return refuse(methodRequired);
    const risked = await risk.check(riskQuestionOf(request, isTrial ? plan.family : null));
    const refusal = riskRefusal(risked);
    if (refusal) return refuse(refusal);
    const release = async () => {
      await releaseTrial();
      await risk.giveBack(id, risked.taken);
    };
    return { days: isGift ? days : trialDaysOf(isTrial, days, risked), release };
  };

const trialDaysOf = (isTrial: boolean, days: number, { withoutTrial }: RiskAnswer): number => (isTrial && !withoutTrial ? days : 0);

/** `used`: another subscription has claimed the trial before. */
async function claimTrial(trials: Store['trials'], _id: string, subscriptionId: string): Promise<'claimed' | 'held' | 'used'> {
  if ((await insertNew(trials, [{ _id, subscriptionId }])).has(_id)) return 'claimed';
  return (await collectionOf(trials).findOne({ _id }))?.subscriptionId === subscriptionId ? 'held' : 'used';
}

/** The first payment method is the default, which will be charged. */
function riskQuestionOf({ id, customer, paymentMethods: [method], sourceAddress }: TrialRequest, trialOf: string | null) {
  const { fingerprint = null, country = null } = method?.card ?? {};
  return {
    kind: 'subscription-start' as const,
    ...{ id, customerId: customer.id, testClock: customer.testClock, country: customer.country },
    card: method ? { gateway: method.gateway, fingerprint, country } : null,
    household: customer.household ?? null,
    address: customer.address,
    sourceAddress: sourceAddress ?? null,
    trialOf,
  };
}

const methodRequiredMessage = 'A payment method is required for the trial of this plan.';
const methodRequired = problem(422, 'payment-method-required', methodRequiredMessage, [
  { pointer: '/customerId', code: 'payment-method-required', message: methodRequiredMessage },
]);
