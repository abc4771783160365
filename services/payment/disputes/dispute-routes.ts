import { z } from 'zod';
import type { DisputeResource } from '../../shared/contracts/dispute-resource.ts';
import { listQuery, splitListQuery } from '../../shared/list.ts';
import { notFound, type Problem, problem, unavailable } from '../../shared/problem.ts';
import { created, ok, type Route, type RouteResponse, route } from '../../shared/route.ts';
import type { DisputeAnswer, DisputeReference, Gateway } from '../gateways/gateway.ts';
import { type Gateways, gatewayOf } from '../gateways/gateways.ts';
import { movementFields } from '../schemas.ts';
import type { PaymentStore } from '../store.ts';
import type { Look } from '../sync-charge.ts';
import type { DisputeStore } from './dispute-store.ts';

const status = z.enum(['inquiry', 'needs-response', 'under-review', 'won', 'lost', 'closed']);
const id = z.string().max(250).optional();

const disputesQuery = listQuery({ customerId: id, subscriptionId: id, invoiceId: id, paymentId: id, status: status.optional() });

const disputeAnswer = z.object({
  ...movementFields,
  paymentId: z.string(),
  reason: z.string(),
  status,
  fee: z.object({ amount: z.number().int(), currency: z.string() }).nullable(),
  evidenceDueBy: z.string().nullable(),
  gateway: z.string(),
  gatewayDisputeId: z.string(),
});

const evidence = z.string().min(1).max(20_000);
const evidenceBody = z.strictObject({
  text: evidence,
  productDescription: evidence.optional(),
  accessActivityLog: evidence.optional(),
  serviceDate: z.string().min(1).max(100).optional(),
});

const newDisputeBody = z.strictObject({
  amount: z.number().int().min(1).max(1_000_000_000_000).optional(),
  reason: z.string().min(1).max(100).default('fraudulent'),
  status: z.enum(['inquiry', 'needs-response']).default('needs-response'),
});

type Parts = {
  readonly store: PaymentStore;
  readonly disputes: DisputeStore;
  readonly gateways: Gateways;
  readonly lookAtReturns: Look;
  readonly now: () => string;
};

export const disputeRoutes = (parts: Parts): readonly Route[] => [...readingRoutes(parts), ...answeringRoutes(parts), openingRoute(parts)];

const readingRoutes = ({ disputes }: Parts): readonly Route[] => [
  route({
    method: 'get',
    path: '/v1/disputes',
    scope: 'payments:read',
    summary: 'Payments that customers had their bank take back, the latest first',
    query: disputesQuery,
    answer: z.object({ data: z.array(disputeAnswer), nextCursor: z.string().nullable() }),
    handle: async ({ query }) => {
      const { page, filters } = splitListQuery(query);
      return ok(await disputes.list(filters, page));
    },
  }),
  route({
    method: 'get',
    path: '/v1/disputes/:id',
    scope: 'payments:read',
    summary: 'One dispute',
    answer: disputeAnswer,
    handle: async ({ params: { id = '' } }) => answerOf(id, await disputes.find(id)),
  }),
];

const answerOf = (id: string, dispute: DisputeResource | undefined): RouteResponse | Problem =>
  dispute ? ok(dispute) : notFound('dispute', id);

function answeringRoutes({ store, disputes, gateways, lookAtReturns }: Parts): readonly Route[] {
  /** Tells the gateway, then looks at what became of it: nothing is concluded from having been heard. */
  const answer = async (id: string, tell: (gateway: Gateway, dispute: DisputeReference) => Promise<DisputeAnswer>) => {
    const dispute = await disputes.find(id);
    const payment = dispute && (await store.find([dispute.paymentId])).get(dispute.paymentId);
    if (dispute === undefined || payment?.intentId == null) return notFound('dispute', id);
    const { intentId } = payment;
    const heard = await tell(gatewayOf(gateways, dispute.gateway), { intentId, disputeId: dispute.gatewayDisputeId });
    if (heard.kind === 'unknown') return unavailable('gateway-unknown', 'The gateway has not said whether it took this; look again.');
    if (heard.kind === 'refused') return problem(409, 'dispute-not-open', `The dispute is ${dispute.status}; the gateway takes no answer.`);
    await lookAtReturns(intentId);
    return answerOf(id, await disputes.find(id));
  };

  return [
    route({
      method: 'post',
      path: '/v1/disputes/:id/evidence',
      scope: 'payments:write',
      summary: 'Answer a dispute, once: the bank decides about it',
      body: evidenceBody,
      answer: disputeAnswer,
      handle: async ({ params: { id = '' }, body }) => answer(id, (gateway, dispute) => gateway.submitEvidence(dispute, body)),
    }),
    route({
      method: 'post',
      path: '/v1/disputes/:id/accept',
      scope: 'payments:write',
      summary: 'Accept a dispute: it is lost at once',
      answer: disputeAnswer,
      handle: async ({ params: { id = '' } }) => answer(id, (gateway, dispute) => gateway.acceptDispute(dispute)),
    }),
  ];
}

const openingRoute = ({ store, disputes, gateways, lookAtReturns, now }: Parts): Route =>
  route({
    method: 'post',
    path: '/v1/payments/:id/disputes',
    scope: 'payments:write',
    summary: 'At the simulated gateway: the customer has the bank take the payment back',
    body: newDisputeBody,
    answer: disputeAnswer,
    handle: async ({ params: { id = '' }, body }) => {
      const payment = (await store.find([id])).get(id);
      if (!payment) return notFound('payment', id);
      const gateway = gateways.get(payment.gateway);
      if (gateway?.openDispute === undefined)
        return problem(409, 'gateway-not-simulated', 'Only the simulated gateway disputes on request.');
      const isOpened = payment.intentId !== null && (await gateway.openDispute(payment.intentId, body, now()));
      if (!isOpened) return problem(409, 'payment-not-disputable', 'There is no such charge, or it is smaller than that.');
      await lookAtReturns(payment.intentId as string);
      const { data } = await disputes.list({ paymentId: id }, { limit: 1 });
      return data[0] ? created(data[0]) : notFound('dispute', id);
    },
  });
