import { type RiskAnswer, riskRefusal } from '../shared/contracts/risk-check.ts';
import { insertNew } from '../shared/mongo.ts';
import { type Problem, problem } from '../shared/problem.ts';
import type { Risk } from '../shared/risk.ts';
import type { Plan } from './catalogue/plan.ts';
import type { KnownCustomer } from './customers.ts';
import type { Store } from './store.ts';

/** A start as it is asked for. A gift's time is as long as it says, and takes nobody's trial. */
export type Asking = KnownCustomer & {
  readonly id: string;
  readonly plan: Plan;
  readonly trialDays: number | undefined;
  readonly isGift: boolean;
  readonly sourceAddress: string | undefined;
};

/** The trial a start has, and the way back for a start that is refused afterwards: it gives back only what it took itself. */
export type Trial = { readonly days: number; readonly giveBack: () => Promise<void> };

/**
 * Whether the start may go ahead, and with how long a trial. A customer has one trial of a plan family, and subscribing again gives none;
 * whoever had it as somebody else, by card or household, is the risk check's to tell. A start that is asked for again keeps what it has.
 */
export const trialsWith =
  ({ trials }: Pick<Store, 'trials'>, risk: Risk) =>
  async (asking: Asking): Promise<Trial | Problem> => {
    const { customer, plan, id, isGift, paymentMethods } = asking;
    const days = asking.trialDays ?? (isGift ? 0 : plan.trialDays);
    const own = isGift || days === 0 ? 'none' : await takeOwn(trials, `${customer.id}|${plan.family}`, id);
    const leaveOwn = async () => {
      if (own === 'taken') await trials.deleteOne({ _id: `${customer.id}|${plan.family}`, subscriptionId: id } as never);
    };
    const isTrial = own === 'taken' || own === 'held';
    if (isTrial && plan.trialRequiresPaymentMethod && paymentMethods.length === 0) return refusedWith(methodRequired, leaveOwn);
    const answer = await risk.check(questionOf(asking, isTrial ? plan.family : null));
    const refusal = riskRefusal(answer);
    if (refusal) return refusedWith(refusal, leaveOwn);
    const giveBack = async () => {
      await leaveOwn();
      await risk.giveBack(id, answer.taken);
    };
    return { days: isGift ? days : daysOf(isTrial, days, answer), giveBack };
  };

const daysOf = (isTrial: boolean, days: number, { withoutTrial }: RiskAnswer): number => (isTrial && !withoutTrial ? days : 0);

async function refusedWith(refusal: Problem, leaveOwn: () => Promise<void>): Promise<Problem> {
  await leaveOwn();
  return refusal;
}

async function takeOwn(trials: Store['trials'], _id: string, subscriptionId: string): Promise<'taken' | 'held' | 'gone'> {
  if ((await insertNew(trials, [{ _id, subscriptionId }])).has(_id)) return 'taken';
  return (await trials.findById(_id).lean())?.subscriptionId === subscriptionId ? 'held' : 'gone';
}

/** The default method is the one that will be charged. */
function questionOf({ id, customer, paymentMethods: [method], sourceAddress }: Asking, trialOf: string | null) {
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

const methodRequired = problem(422, 'payment-method-required', 'A trial of this plan needs a payment method.', [
  { pointer: '/customerId', code: 'payment-method-required', message: 'Name one that exists and fits.' },
]);
