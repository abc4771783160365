import type { SubscriptionClient } from '../../actors/subscription/client.ts';
import { anchorSchema, changeBody, chargeBody, requestedChangeSchema } from '../../actors/subscription/command-schemas.ts';
import { subscriptionSchema } from '../shared/contracts/subscription-resource.ts';
import { keyedId } from '../shared/new-id.ts';
import { notFound } from '../shared/problem.ts';
import { type Route, refused, route } from '../shared/route.ts';
import type { Platform } from '../shared/service.ts';
import { emptyBody } from './bodies.ts';
import { changedTerms, termsQueryOf } from './change.ts';
import type { CommandResponse } from './command-response.ts';
import { customerOf } from './customers.ts';
import type { Store } from './store.ts';

const chargeRequest = chargeBody.meta({ id: 'CreateSubscriptionCharge' });
const reactivateRequest = requestedChangeSchema.meta({ id: 'ReactivateSubscription' }).optional();

/** Codes with which terms are refused. */
export const termsProblems = [
  ...(['subscription-not-found', 'plan-not-found', 'plan-version-not-found', 'plan-archived', 'is-an-add-on'] as const),
  ...(['not-an-add-on', 'add-on-not-found', 'add-on-repeated', 'price-missing', 'quantity-out-of-range'] as const),
  ...(['currency-mismatch', 'interval-mismatch', 'tax-behaviour-mismatch', 'billing-mode-mismatch', 'quarantined'] as const),
] as const;

/**
 * Commands about the terms of a subscription, its billing day, one-off charges, and a new start.
 */
export const changeRoutes = (
  platform: Platform,
  { plans }: Pick<Store, 'plans'>,
  client: SubscriptionClient,
  respond: CommandResponse,
): readonly Route[] => [
  route({
    method: 'post',
    path: '/v1/subscriptions/:id/change',
    scope: 'subscriptions:write',
    operationId: 'changeSubscription',
    summary: 'Change a subscription',
    description:
      'Changes plan, version, interval, quantity or add-ons, now, at the end of the period or at an instant. ' +
      'A field that is absent stays as it is; addOns is the complete list. By default an upgrade takes effect now, against one invoice for ' +
      'the difference, and a downgrade at the end of the period. A later request replaces a scheduled change. ' +
      'A repeat with the same Idempotency-Key changes nothing.',
    body: changeBody.meta({ id: 'ChangeSubscription' }),
    responses: { 200: subscriptionSchema },
    problems: [...termsProblems, 'subscription-ended', 'payment-outstanding', 'payment-method-required'],
    handle: async ({ params: { id = '' }, body, idempotencyKey }) => {
      const subscription = await client.get(id);
      if (!subscription) return notFound('subscription', id);
      const { planId, planVersion, interval, quantity, addOns, ...how } = body;
      const requested = { planId, planVersion, interval, quantity, addOns };
      const terms = await changedTerms(platform, plans, termsQueryOf(subscription, requested));
      if (!terms.ok) return refused(terms.rejection);
      return respond(await client.command(id, 'change', { terms: terms.value, ...how }, { idempotencyKey }));
    },
  }),
  route({
    method: 'post',
    path: '/v1/subscriptions/:id/change/withdraw',
    scope: 'subscriptions:write',
    operationId: 'withdrawSubscriptionChange',
    summary: 'Withdraw a scheduled change',
    description: 'Withdraws a change that has not taken effect yet, so that the subscription renews on its current terms.',
    body: emptyBody,
    responses: { 200: subscriptionSchema },
    problems: ['subscription-not-found', 'subscription-ended', 'nothing-scheduled', 'quarantined'],
    handle: async ({ params: { id = '' }, idempotencyKey }) => respond(await client.command(id, 'withdrawChange', {}, { idempotencyKey })),
  }),
  route({
    method: 'post',
    path: '/v1/subscriptions/:id/anchor',
    scope: 'subscriptions:write',
    operationId: 'changeBillingDay',
    summary: 'Change the billing day of a subscription',
    description:
      'Moves billing to another day of the month, or of the year, from the next period on, with a prorated stub up to it. ' +
      'In a shorter month the last day counts. A repeat changes nothing.',
    body: anchorSchema,
    responses: { 200: subscriptionSchema },
    problems: ['subscription-not-found', 'subscription-ended', 'quarantined'],
    handle: async ({ params: { id = '' }, body, idempotencyKey }) =>
      respond(await client.command(id, 'changeAnchor', body, { idempotencyKey })),
  }),
  route({
    method: 'post',
    path: '/v1/subscriptions/:id/charges',
    scope: 'subscriptions:write',
    operationId: 'createSubscriptionCharge',
    summary: 'Create a one-off charge',
    description:
      'Charges an amount in minor units of the currency of the subscription, on the next invoice or on one of its own now. ' +
      'A repeat with the same Idempotency-Key charges nothing twice.',
    body: chargeRequest,
    responses: { 200: subscriptionSchema },
    problems: ['subscription-not-found', 'subscription-ended', 'wrong-status', 'payment-outstanding', 'quarantined'],
    handle: async ({ params: { id = '' }, body, idempotencyKey }) =>
      respond(await client.command(id, 'charge', { ...body, chargeId: keyedId('evt', idempotencyKey) }, { idempotencyKey })),
  }),
  route({
    method: 'post',
    path: '/v1/subscriptions/:id/reactivate',
    scope: 'subscriptions:write',
    operationId: 'reactivateSubscription',
    summary: 'Reactivate an ended subscription',
    description:
      'Starts an ended subscription again under its id, without a trial, on the terms it had or on those of the request. ' +
      'Billing starts now. A subscription that was never activated cannot be reactivated.',
    body: reactivateRequest,
    responses: { 200: subscriptionSchema },
    problems: [...termsProblems, 'wrong-status'],
    handle: async ({ params: { id = '' }, body: requested = {}, idempotencyKey }) => {
      const subscription = await client.get(id);
      if (!subscription) return notFound('subscription', id);
      const isSame = Object.values(requested).every((value) => value === undefined);
      const terms = isSame ? undefined : await changedTerms(platform, plans, termsQueryOf(subscription, requested));
      if (terms !== undefined && !terms.ok) return refused(terms.rejection);
      const known = await customerOf(platform, subscription.customerId);
      const body = { terms: terms?.value ?? null, hasPaymentMethod: (known?.paymentMethods.length ?? 0) > 0 };
      return respond(await client.command(id, 'reactivate', body, { idempotencyKey }));
    },
  }),
];
