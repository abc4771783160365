import type { StartBody } from '../../actors/subscription/client.ts';

const day = 24 * 60 * 60 * 1000;

/**
 * A start a month and a half ago, so that the second period is due now. Each has an anchor of its
 * own.
 */
export const dueStart = (index: number): StartBody => ({
  customerId: `cus_b${index}`,
  terms: {
    plan: {
      planId: 'plan_bench',
      version: 1,
      name: { en: 'Bench' },
      price: { amount: 1099, currency: 'EUR' },
      tiers: [],
      phases: [],
      commitment: null,
      interval: { unit: 'month', count: 1 },
      taxBehaviour: 'inclusive',
      billing: 'advance',
      minQuantity: 1,
      maxQuantity: 10,
      entitlements: { maxStreams: 2 },
    },
    quantity: 1,
    addOns: [],
  },
  timezone: 'Europe/Berlin',
  startAt: new Date(Date.now() - 45 * day - index * 1_000).toISOString(),
  anchor: null,
  trialDays: 0,
  prorationUnit: 'day',
  policy: {
    retryDays: [1, 3, 5, 7],
    retryMode: 'from-first-failure',
    hardDeclineRetries: 0,
    suspendAfterDays: 7,
    graceDays: 14,
    finalAction: 'cancel',
  },
  hasPaymentMethod: true,
  clock: null,
});
