import type { z } from 'zod';
import { paymentSchema } from '../shared/contracts/payment-resource.ts';
import { paymentIdOf } from '../shared/ids.ts';
import { pageSchema, splitListQuery } from '../shared/list.ts';
import { isProblem, notFound, type Problem } from '../shared/problem.ts';
import { accepted, ok, type Route, type RouteResponse, route } from '../shared/route.ts';
import type { PaymentActions } from './charging/payment-actions.ts';
import { type Payment, paymentResource } from './payment.ts';
import { disputedUnrefunded } from './refunds/refund.ts';
import { paymentsQuery } from './schemas.ts';
import type { PaymentStore } from './store.ts';

/**
 * A payment in responses. The client secret is present only while the customer has to authenticate,
 * and never in an event.
 */
const detailedResource = (payment: Payment): z.infer<typeof paymentSchema> => ({
  ...paymentResource(payment),
  amountDisputed: disputedUnrefunded(payment),
  paymentMethodId: payment.paymentMethodId,
  nextAction: payment.clientSecret === null ? null : { type: 'authenticate', clientSecret: payment.clientSecret },
});

/** 202 while the outcome is unknown, else 200. */
function responseOf(payment: Payment | Problem): RouteResponse | Problem {
  if (isProblem(payment)) return payment;
  return payment.status === 'processing' ? accepted(detailedResource(payment)) : ok(detailedResource(payment));
}

export const paymentRoutes = (store: PaymentStore, { confirm, pay }: PaymentActions): readonly Route[] => [
  route({
    method: 'get',
    path: '/v1/payments',
    scope: 'payments:read',
    operationId: 'listPayments',
    summary: 'List payments',
    description: 'Returns payments, newest first. An invoice has one payment through a gateway, and one for each offline payment.',
    query: paymentsQuery,
    responses: { 200: pageSchema(paymentSchema) },
    handle: async ({ query }) => {
      const { page, filters } = splitListQuery(query);
      const { data, nextCursor } = await store.list(filters, page);
      return ok({ data: data.map(detailedResource), nextCursor });
    },
  }),
  route({
    method: 'get',
    path: '/v1/payments/:id',
    scope: 'payments:read',
    operationId: 'retrievePayment',
    summary: 'Retrieve a payment',
    description:
      'Returns a payment with the outcome of its latest attempt. While its status is action-required, nextAction holds the ' +
      'client secret with which the customer authenticates.',
    responses: { 200: paymentSchema },
    problems: ['payment-not-found'],
    handle: async ({ params: { id = '' } }) => {
      const payment = (await store.find([id])).get(id);
      return payment ? ok(detailedResource(payment)) : notFound('payment', id);
    },
  }),
  route({
    method: 'post',
    path: '/v1/payments/:id/confirm',
    scope: 'payments:write',
    operationId: 'confirmPayment',
    summary: 'Confirm an authenticated payment',
    description:
      'Continues a payment after the customer has authenticated it (3-D Secure), and waits a few seconds for the outcome. ' +
      'The status is 202 while the gateway has not responded. A repeat after success returns the same payment.',
    responses: { 200: paymentSchema, 202: paymentSchema },
    problems: ['payment-not-found', 'payment-not-waiting'],
    handle: async ({ params: { id = '' } }) => {
      const payment = (await store.find([id])).get(id);
      return payment ? responseOf(await confirm(payment)) : notFound('payment', id);
    },
  }),
  route({
    method: 'post',
    path: '/v1/invoices/:id/pay',
    scope: 'payments:write',
    operationId: 'payInvoice',
    summary: 'Collect an open invoice now',
    description:
      'Retries the failed payment of an open invoice immediately, with the payment methods that the customer has now, and waits ' +
      'a few seconds for the outcome. The status is 202 while the gateway has not responded. While an attempt is under way, ' +
      'the request waits for it and starts no other.',
    responses: { 200: paymentSchema, 202: paymentSchema },
    problems: ['payment-not-found', 'charged-once', 'invoice-already-paid', 'invoice-not-open', 'nothing-to-retry'],
    handle: async ({ params: { id = '' } }) => {
      const payment = (await store.find([paymentIdOf(id)])).get(paymentIdOf(id));
      return payment ? responseOf(await pay(payment)) : notFound('payment', paymentIdOf(id));
    },
  }),
];
