import { paymentIdOf } from '../shared/ids.ts';
import { splitListQuery } from '../shared/list.ts';
import { isProblem, notFound, type Problem } from '../shared/problem.ts';
import { accepted, ok, type Route, type RouteResponse, route } from '../shared/route.ts';
import type { Collecting } from './charging/collecting.ts';
import { type Payment, paymentResource } from './payment.ts';
import { disputedOf } from './refunds/refund.ts';
import { paymentAnswer, paymentsAnswer, paymentsQuery } from './schemas.ts';
import type { PaymentStore } from './store.ts';

/** A payment for the API: the client secret is there only while the customer has to do something with it, and never in an event. */
const shown = (payment: Payment) => ({
  ...paymentResource(payment),
  amountDisputed: disputedOf(payment),
  paymentMethodId: payment.paymentMethodId,
  nextAction: payment.clientSecret === null ? null : { type: 'authenticate', clientSecret: payment.clientSecret },
});

const answerOf = (after: Payment | Problem): RouteResponse | Problem =>
  isProblem(after) ? after : after.status === 'processing' ? accepted(shown(after)) : ok(shown(after));

export const paymentRoutes = (store: PaymentStore, { confirm, pay }: Collecting): readonly Route[] => [
  route({
    method: 'get',
    path: '/v1/payments',
    scope: 'payments:read',
    summary: 'Payments, the latest first',
    query: paymentsQuery,
    answer: paymentsAnswer,
    handle: async ({ query }) => {
      const { page, filters } = splitListQuery(query);
      const { data, nextCursor } = await store.list(filters, page);
      return ok({ data: data.map(shown), nextCursor });
    },
  }),
  route({
    method: 'get',
    path: '/v1/payments/:id',
    scope: 'payments:read',
    summary: 'One payment',
    answer: paymentAnswer,
    handle: async ({ params: { id = '' } }) => {
      const payment = (await store.find([id])).get(id);
      return payment ? ok(shown(payment)) : notFound('payment', id);
    },
  }),
  route({
    method: 'post',
    path: '/v1/payments/:id/confirm',
    scope: 'payments:write',
    summary: 'Go on after the customer has authenticated (3-D Secure)',
    answer: paymentAnswer,
    handle: async ({ params: { id = '' } }) => {
      const payment = (await store.find([id])).get(id);
      return payment ? answerOf(await confirm(payment)) : notFound('payment', id);
    },
  }),
  route({
    method: 'post',
    path: '/v1/invoices/:id/pay',
    scope: 'payments:write',
    summary: 'Try to collect an open invoice now; 202 while the outcome is not known',
    answer: paymentAnswer,
    handle: async ({ params: { id = '' } }) => {
      const payment = (await store.find([paymentIdOf(id)])).get(paymentIdOf(id));
      return payment ? answerOf(await pay(payment)) : notFound('payment', paymentIdOf(id));
    },
  }),
];
