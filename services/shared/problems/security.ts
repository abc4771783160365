import type { ProblemTable } from './problem-table.ts';

/** The problems of the security service. */
export const securityProblems = {
  'country-blocked': {
    statuses: [409, 422],
    title: 'Country blocked',
    when: 'The risk rules block the country of the customer or of the card.',
    remedy: 'Use a card of another country, or change blockedCountries in the risk rules.',
  },
  'country-mismatch': {
    statuses: [409, 422],
    title: 'Card from another country',
    when: 'The card was issued in another country than that of the customer, and the risk rules refuse this.',
    remedy: 'Use a card of the country of the customer, or exempt the customer.',
  },
  'exemption-not-found': {
    statuses: [404],
    title: 'Risk exemption not found',
    when: 'The customer has no exemption from the risk rules.',
    remedy: 'Nothing needs to be done; the rules apply already.',
  },
  'risk-refused': {
    statuses: [409, 422, 429],
    title: 'Refused by the risk check',
    when: 'The risk check refuses the request without a more specific code; errors may have the code of the risk provider.',
    remedy: 'Look at the risk decisions of the customer, and exempt the customer where that is right.',
  },
  'too-many-trials': {
    statuses: [429],
    title: 'Too many trials',
    when: 'More trials were started by this customer or from this network address than the risk rules allow.',
    remedy: 'Repeat the request after the time in Retry-After, or start without a trial.',
  },
  'trial-already-used': {
    statuses: [422],
    title: 'Trial already used',
    when: 'The card or the household has already had a trial of this plan.',
    remedy: 'Set trialDays to 0 to start without a trial.',
  },
} as const satisfies ProblemTable;
