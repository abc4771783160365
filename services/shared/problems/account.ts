import type { ProblemTable } from './problem-table.ts';

/** The problems of the account service. */
export const accountProblems = {
  'card-link-expired': {
    statuses: [410],
    title: 'Card link expired',
    when: 'The link to enter a new card has expired.',
    remedy: 'Create a new link and send it to the customer.',
  },
  'card-link-not-found': {
    statuses: [404],
    title: 'Card link not found',
    when: 'The link was not issued by this instance, was changed, or its customer was erased.',
    remedy: 'Check that the complete link was opened, or create a new one.',
  },
  'card-link-used': {
    statuses: [410],
    title: 'Card link already used',
    when: 'A card was already added by this link; each link works for one card.',
    remedy: 'Create a new link and send it to the customer.',
  },
  'customer-busy': {
    statuses: [503],
    title: 'Customer is being modified',
    when: 'Many other changes of the same customer were written at the same time.',
    remedy: 'Retry the request after the number of seconds in the Retry-After header.',
  },
  'customer-erased': {
    statuses: [409],
    title: 'Customer erased',
    when: 'The personal data of the customer was erased, so the customer can no longer be changed.',
    remedy: 'Create another customer.',
  },
  'customer-not-found': {
    statuses: [404, 422],
    title: 'Customer not found',
    when: 'The id in the path or in the body belongs to no customer.',
    remedy: 'Check the id, or create the customer first.',
  },
  'gateway-off': {
    statuses: [422],
    title: 'Payment gateway not configured',
    when: 'The requested payment gateway is not configured on this instance.',
    remedy: 'Use another gateway, or configure the credentials of this one.',
  },
  'gateway-unavailable': {
    statuses: [503],
    title: 'Payment gateway unavailable',
    when: 'The payment gateway did not respond.',
    remedy: 'Retry the request after the number of seconds in the Retry-After header.',
  },
  'payment-method-not-found': {
    statuses: [404],
    title: 'Payment method not found',
    when: 'The customer has no payment method with this id.',
    remedy: 'List the payment methods of the customer and use the id of one of them.',
  },
  'payment-method-refused': {
    statuses: [422],
    title: 'Payment method refused',
    when: 'The bank or the gateway does not accept the payment method; the entry of errors has the decline code of the gateway.',
    remedy: 'Let the customer enter another payment method.',
  },
  'payment-method-without-card': {
    statuses: [409, 422],
    title: 'Payment method has no card details',
    when: 'An update of card details names a payment method without stored card details.',
    remedy: 'Add the payment method again instead of updating it.',
  },
  'test-clock-unknown': {
    statuses: [409, 422],
    title: 'Test clock not found',
    when: 'The test clock of the customer does not exist.',
    remedy: 'Create the test clock first, or omit testClock.',
  },
  'test-clocks-off': {
    statuses: [409, 422],
    title: 'Test clocks disabled',
    when: 'A request names a test clock on an instance where test clocks are disabled.',
    remedy: 'Omit testClock, or enable test clocks in the configuration of a test instance.',
  },
  'too-many-payment-methods': {
    statuses: [409, 422, 429],
    title: 'Too many payment methods',
    when: 'The customer already has 20 payment methods, or has added more in a short time than the risk rules allow.',
    remedy: 'Remove a payment method and add the new one, or repeat the request after the time in Retry-After.',
  },
} as const satisfies ProblemTable;
