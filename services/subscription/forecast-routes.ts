import type { QueryName, QueryResult, QueryResults, SubscriptionClient } from '../../actors/subscription/client.ts';
import { changeBody } from '../../actors/subscription/command-schemas.ts';
import { forecastSchema, plannedCommandSchema, whatIfSchema } from '../../actors/subscription/query-schemas.ts';
import type { Problem } from '../shared/problem.ts';
import { ok, type Route, type RouteResponse, refused, route } from '../shared/route.ts';
import type { Platform } from '../shared/service.ts';
import { termsProblems } from './change-routes.ts';
import { changePreviewSchema, commandPreviewSchema, forecastResultSchema, verificationSchema } from './forecast-resources.ts';
import { compareInvoices } from './invoice-preview.ts';

/** Codes with which a command that is only planned is refused. */
const planProblems = [
  ...termsProblems,
  ...(['body-invalid', 'subscription-ended', 'payment-outstanding', 'payment-method-required', 'wrong-status'] as const),
  ...(['nothing-scheduled', 'nothing-to-retry', 'until-too-early', 'term-over', 'coupon-used'] as const),
] as const;

/**
 * Queries about a subscription at any time: a command that is not executed, the future as it is
 * expected or scripted, and the check of the past. Nothing here changes a subscription.
 */
export const forecastRoutes = (platform: Platform, client: SubscriptionClient): readonly Route[] => [
  route({
    method: 'post',
    path: '/v1/subscriptions/:id/change/preview',
    scope: 'subscriptions:read',
    operationId: 'previewSubscriptionChange',
    summary: 'Preview a change of a subscription',
    description:
      'Returns the invoice that the same change would make now, exact to the minor unit, with tax and account credit, and the subscription ' +
      'after it. Where no invoice would be made, id is null and all amounts are 0. Nothing is changed or stored.',
    readsOnly: true,
    body: changeBody.meta({ id: 'PreviewSubscriptionChange' }),
    responses: { 200: changePreviewSchema },
    problems: [...termsProblems, 'subscription-ended', 'payment-outstanding', 'payment-method-required'],
    handle: async ({ params: { id = '' }, body }) => {
      const result = await client.query(id, 'preview', { command: 'change', body });
      return result.ok ? ok(changePreviewOf(result)) : refused(result.rejection);
    },
  }),
  route({
    method: 'post',
    path: '/v1/subscriptions/:id/preview',
    scope: 'subscriptions:read',
    operationId: 'previewSubscriptionCommand',
    summary: 'Preview a command of a subscription',
    description:
      'Returns the events and invoices that a command would cause now, and the subscription after it. Nothing is changed or stored.',
    readsOnly: true,
    body: plannedCommandSchema,
    responses: { 200: commandPreviewSchema },
    problems: planProblems,
    handle: async ({ params: { id = '' }, body: { command, body } }) =>
      resultResponse(await client.query(id, 'preview', { command, body })),
  }),
  route({
    method: 'get',
    path: '/v1/subscriptions/:id/forecast',
    scope: 'subscriptions:read',
    operationId: 'forecastSubscription',
    summary: 'Forecast a subscription',
    description:
      'Returns all events, states and invoices until an instant, at most ten years ahead, if nobody changes anything. ' +
      'With assume=declined every payment fails, which shows the dunning path; with assume=3ds every payment needs the customer. ' +
      'Nothing is changed or stored.',
    query: forecastSchema,
    responses: { 200: forecastResultSchema },
    problems: ['subscription-not-found', 'too-far-ahead'],
    handle: async ({ params: { id = '' }, query }) => resultResponse(await client.query(id, 'forecast', query)),
  }),
  route({
    method: 'post',
    path: '/v1/subscriptions/:id/what-if',
    scope: 'subscriptions:read',
    operationId: 'simulateSubscription',
    summary: 'Simulate a scripted future of a subscription',
    description:
      'Runs a copy of the subscription until an instant through a script of commands and payment outcomes, and returns its events, states ' +
      'and invoices. Commands that would be refused are listed and skipped. Nothing is changed or stored.',
    readsOnly: true,
    body: whatIfSchema,
    responses: { 200: forecastResultSchema },
    problems: [...termsProblems, 'body-invalid', 'instant-missing', 'too-far-ahead'],
    handle: async ({ params: { id = '' }, body }) => resultResponse(await client.query(id, 'whatIf', body)),
  }),
  route({
    method: 'post',
    path: '/v1/subscriptions/:id/verify',
    scope: 'subscriptions:read',
    operationId: 'verifySubscription',
    summary: 'Verify a subscription against its history',
    description:
      'Derives the subscription and all its invoices again from its history, and lists every difference to the stored ones. ' +
      'Nothing is changed or repaired.',
    readsOnly: true,
    responses: { 200: verificationSchema },
    problems: ['subscription-not-found'],
    handle: async ({ params: { id = '' } }) => {
      const result = await client.query(id, 'verify', {});
      if (!result.ok) return refused(result.rejection);
      const { asked, complaints, customerId } = result;
      const differences = await compareInvoices(platform, { id, customerId }, asked);
      return ok({ verified: complaints.length + differences.length === 0, invoices: asked.length, complaints, differences });
    },
  }),
];

function resultResponse(result: QueryResult<QueryName>): RouteResponse | Problem {
  if (!result.ok) return refused(result.rejection);
  const { ok: _, ...fields } = result;
  return ok(fields);
}

/**
 * The single invoice of a change, or zeros where the change makes none, and the subscription after
 * it.
 */
function changePreviewOf({ at, invoices, subscription }: QueryResults['preview']): unknown {
  const [invoice] = invoices;
  return { ...(invoice ?? noInvoice), at, subscription };
}

const noInvoice = {
  id: null,
  status: 'draft',
  lines: [],
  subtotal: 0,
  discount: 0,
  tax: 0,
  total: 0,
  creditApplied: 0,
  amountDue: 0,
  amountPaid: 0,
};
