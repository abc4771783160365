import type { ProblemTable } from './problem-table.ts';

/** The problems of the account service. */
export const accountProblems = {
  'card-link-expired': { statuses: [410], title: 'Card link expired', when: '', remedy: '' },
  'card-link-not-found': { statuses: [404], title: 'Card link not found', when: '', remedy: '' },
  'card-link-used': { statuses: [410], title: 'Card link used', when: '', remedy: '' },
  'customer-busy': { statuses: [503], title: 'Customer busy', when: '', remedy: '' },
  'customer-erased': { statuses: [409], title: 'Customer erased', when: '', remedy: '' },
  'customer-not-found': { statuses: [404, 422], title: 'Customer not found', when: '', remedy: '' },
  'gateway-off': { statuses: [422], title: 'Gateway off', when: '', remedy: '' },
  'gateway-unavailable': { statuses: [503], title: 'Gateway unavailable', when: '', remedy: '' },
  'payment-method-not-found': { statuses: [404], title: 'Payment method not found', when: '', remedy: '' },
  'payment-method-refused': { statuses: [409, 422], title: 'Payment method refused', when: '', remedy: '' },
  'payment-method-without-card': { statuses: [409, 422], title: 'Payment method without card', when: '', remedy: '' },
  'test-clock-unknown': { statuses: [409, 422], title: 'Test clock unknown', when: '', remedy: '' },
  'test-clocks-off': { statuses: [409, 422], title: 'Test clocks off', when: '', remedy: '' },
  'too-many-payment-methods': { statuses: [409, 422], title: 'Too many payment methods', when: '', remedy: '' },
} as const satisfies ProblemTable;
