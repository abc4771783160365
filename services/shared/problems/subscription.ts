import { planAndCouponProblems } from './plans-and-coupons.ts';
import type { ProblemTable } from './problem-table.ts';

/** The problems of the subscription service. */
export const subscriptionProblems = {
  ...planAndCouponProblems,
  'billing-mode-mismatch': {
    statuses: [422],
    title: 'Billing in advance and in arrears cannot be mixed',
    when: 'The request would mix billing in advance with billing in arrears, or sets a last period for a plan that is billed in advance.',
    remedy: 'Choose plans and add-ons that are billed alike. To change the way of billing, cancel the subscription and start another one.',
  },
  'body-invalid': {
    statuses: [422],
    title: 'Body of the planned command invalid',
    when: 'The body of a command in a preview or what-if is not valid for that command.',
    remedy: 'Correct the field that the pointer names.',
  },
  'change-scheduled': {
    statuses: [409],
    title: 'Another change is scheduled',
    when: 'A plan migration skipped a subscription because its subscriber has scheduled another change.',
    remedy: 'Withdraw the scheduled change, or migrate the subscription after the change took effect.',
  },
  'clock-advancing': {
    statuses: [409],
    title: 'Test clock is advancing',
    when: 'The test clock is advancing to another instant, so the request cannot be served now.',
    remedy: 'Wait until the status of the test clock is ready, then repeat the request.',
  },
  'clock-backwards': {
    statuses: [422],
    title: 'Test clock cannot go backwards',
    when: 'The requested instant is before the time of the test clock.',
    remedy: 'Advance to a later instant, or create another test clock.',
  },
  'currency-mismatch': {
    statuses: [422],
    title: 'Currency differs',
    when: 'The price of the plan or add-on is in another currency than the subscription.',
    remedy: 'Choose a plan that has a price in the currency of the subscription.',
  },
  'downgrade-missing': {
    statuses: [422],
    title: 'Downgrade plan missing',
    when: 'The retry policy ends with a downgrade and does not say to which plan.',
    remedy: 'Name the plan in policy.downgradeTo, or choose another final action.',
  },
  'ends-too-early': {
    statuses: [422],
    title: 'Fixed term ends before it starts',
    when: 'The end of the fixed term is not after the start of the subscription.',
    remedy: 'Choose a later end, or an earlier start.',
  },
  'instant-missing': {
    statuses: [422],
    title: 'Instant of a planned command missing',
    when: 'A command in the script of a what-if has no instant.',
    remedy: 'Set at on every step of the script.',
  },
  'invoice-not-asked': {
    statuses: [409],
    title: 'Invoice does not belong to the subscription',
    when: 'The subscription has never requested this invoice.',
    remedy: 'Check the ids of the subscription and of the invoice.',
  },
  'migration-not-found': {
    statuses: [404],
    title: 'Migration not found',
    when: 'The plan has no migration with this id.',
    remedy: 'Check the ids of the plan and of the migration.',
  },
  'nothing-scheduled': {
    statuses: [409],
    title: 'Nothing scheduled',
    when: 'The subscription has no scheduled change or cancellation that could be withdrawn.',
    remedy: 'Retrieve the subscription to see its state.',
  },
  'nothing-there': {
    statuses: [409],
    title: 'Nothing exists under this id',
    when: 'A command was sent to an object that does not exist.',
    remedy: 'Check the id, and create the object first.',
  },
  'nothing-to-retry': {
    statuses: [409],
    title: 'No failed payment to retry',
    when: 'No payment of the subscription or gift has failed and is still due.',
    remedy: 'Retrieve the subscription or the invoice to see its state.',
  },
  'payment-method-required': {
    statuses: [409, 422],
    title: 'Payment method required',
    when: 'The customer has no payment method, and the requested trial, or the end of a trial, requires one.',
    remedy: 'Add a payment method to the customer, then repeat the request.',
  },
  'payment-outstanding': {
    statuses: [409, 422],
    title: 'Payment outstanding',
    when: 'An invoice of the subscription is not paid yet, and the request requires that nothing is outstanding.',
    remedy: 'Wait for the payment, retry it, or record an offline payment. Then repeat the request.',
  },
  'policy-invalid': {
    statuses: [422],
    title: 'Retry policy invalid',
    when: 'The retry policy of the request, completed by the dunning policy in force, is inconsistent.',
    remedy: 'Correct the policy of the request.',
  },
  'subscription-ended': {
    statuses: [409],
    title: 'Subscription already ended',
    when: 'The subscription has ended and accepts no changes.',
    remedy: 'Reactivate the subscription, or create another one.',
  },
  'subscription-not-found': {
    statuses: [404],
    title: 'Subscription not found',
    when: 'There is no subscription with this id, or it did not exist yet at the requested instant.',
    remedy: 'Check the id of the subscription.',
  },
  'tax-behaviour-mismatch': {
    statuses: [422],
    title: 'Prices with and without tax cannot be mixed',
    when: 'One invoice would hold prices that include tax and prices that exclude it.',
    remedy: 'Choose plans and add-ons with the same tax behaviour. To change it, cancel the subscription and start another one.',
  },
  'term-over': {
    statuses: [409],
    title: 'Fixed term over',
    when: 'The fixed term of the subscription has ended.',
    remedy: 'Create another subscription.',
  },
  'test-clock-not-found': {
    statuses: [404],
    title: 'Test clock not found',
    when: 'There is no test clock with this id.',
    remedy: 'Check the id, or create the test clock first.',
  },
  'too-far-ahead': {
    statuses: [422],
    title: 'Instant too far ahead',
    when: 'A forecast or what-if reaches at most ten years ahead.',
    remedy: 'Choose an earlier until.',
  },
  'until-too-early': {
    statuses: [422],
    title: 'Pause ends before it begins',
    when: 'The requested end of the pause is not after its beginning.',
    remedy: 'Choose a later until.',
  },
  'wrong-status': {
    statuses: [409, 422],
    title: 'Not possible in this status',
    when: 'The status of the subscription does not allow the request.',
    remedy: 'Retrieve the subscription to see its status, and choose a request that fits it.',
  },
  quarantined: {
    statuses: [409],
    title: 'Subscription in quarantine',
    when: 'The next change of the subscription would break an invariant, so it accepts no commands until an operator has looked at it.',
    remedy: 'Contact the operator of the platform.',
  },
} as const satisfies ProblemTable;
