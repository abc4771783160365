import { z } from 'zod';
import { type DisputeResource, disputeSchema } from '../../shared/contracts/dispute-resource.ts';
import { amount } from '../../shared/fields.ts';
import { listQuery, pageSchema, splitListQuery } from '../../shared/list.ts';
import { notFound, type Problem, problem, unavailable } from '../../shared/problem.ts';
import { created, ok, type Route, type RouteResponse, route } from '../../shared/route.ts';
import type { DisputeReference, DisputeResponse, Gateway } from '../gateways/gateway.ts';
import { type Gateways, gatewayOf } from '../gateways/gateways.ts';
import { derivedId, movementFilters } from '../schemas.ts';
import type { PaymentStore } from '../store.ts';
import type { SyncCharge } from '../sync-charge.ts';
import type { DisputeStore } from './dispute-store.ts';

const disputesQuery = listQuery({
  ...movementFilters,
  paymentId: derivedId.optional().meta({ description: 'Only of this payment' }),
  status: disputeSchema.shape.status.optional().meta({ description: 'Only in this status' }),
});

const evidence = z.string().min(1).max(20_000);
const evidenceBody = z
  .strictObject({
    text: evidence.meta({ description: 'The statement that the bank reads' }),
    productDescription: evidence.optional().meta({ description: 'The service that was sold' }),
    accessActivityLog: evidence.optional().meta({ description: 'When and from where the customer used the service' }),
    serviceDate: z.string().min(1).max(100).optional().meta({ description: 'When the service was provided' }),
  })
  .meta({ id: 'DisputeEvidence' });

const newDisputeBody = z
  .strictObject({
    amount: amount
      .max(1_000_000_000_000, 'Must be at most 1000000000000 minor units.')
      .optional()
      .meta({ description: 'Minor units of the currency of the payment; the whole charge if absent' }),
    reason: z.string().min(1).max(100).default('fraudulent').meta({ description: 'Reason code, as a gateway reports it' }),
    status: z.enum(['inquiry', 'needs-response']).default('needs-response').meta({ description: 'Status of the new dispute' }),
  })
  .meta({ id: 'CreateDispute' });

type Parts = {
  readonly store: PaymentStore;
  readonly disputes: DisputeStore;
  readonly gateways: Gateways;
  readonly syncCharge: SyncCharge;
  readonly now: () => string;
};

export const disputeRoutes = (parts: Parts): readonly Route[] => [
  ...readingRoutes(parts),
  ...respondingRoutes(parts),
  simulatedDisputeRoute(parts),
];

const readingRoutes = ({ disputes }: Parts): readonly Route[] => [
  route({
    method: 'get',
    path: '/v1/disputes',
    scope: 'payments:read',
    operationId: 'listDisputes',
    summary: 'List disputes',
    description: 'Returns payments that customers had their banks take back, newest first.',
    query: disputesQuery,
    responses: { 200: pageSchema(disputeSchema) },
    handle: async ({ query }) => {
      const { page, filters } = splitListQuery(query);
      return ok(await disputes.list(filters, page));
    },
  }),
  route({
    method: 'get',
    path: '/v1/disputes/:id',
    scope: 'payments:read',
    operationId: 'retrieveDispute',
    summary: 'Retrieve a dispute',
    description: 'Returns a dispute as its gateway last reported it.',
    responses: { 200: disputeSchema },
    problems: ['dispute-not-found'],
    handle: async ({ params: { id = '' } }) => responseOf(id, await disputes.find(id)),
  }),
];

const responseOf = (id: string, dispute: DisputeResource | undefined): RouteResponse | Problem =>
  dispute ? ok(dispute) : notFound('dispute', id);

function respondingRoutes({ store, disputes, gateways, syncCharge }: Parts): readonly Route[] {
  /**
   * Responds to the bank through the gateway, then syncs the charge: only the sync decides the
   * status.
   */
  const respond = async (id: string, send: (gateway: Gateway, dispute: DisputeReference) => Promise<DisputeResponse>) => {
    const dispute = await disputes.find(id);
    const payment = dispute && (await store.find([dispute.paymentId])).get(dispute.paymentId);
    if (dispute === undefined || payment?.intentId == null) return notFound('dispute', id);
    const { intentId } = payment;
    const { kind } = await send(gatewayOf(gateways, dispute.gateway), { intentId, disputeId: dispute.gatewayDisputeId });
    if (kind === 'unknown')
      return unavailable('gateway-unknown', `The gateway has not confirmed the response to the dispute ${id}. Retrieve the dispute later.`);
    if (kind === 'refused')
      return problem(409, 'dispute-not-open', `The dispute ${id} is ${dispute.status}, so the gateway accepts no response to it.`);
    await syncCharge(intentId);
    return responseOf(id, await disputes.find(id));
  };

  return [
    route({
      method: 'post',
      path: '/v1/disputes/:id/evidence',
      scope: 'payments:write',
      operationId: 'submitDisputeEvidence',
      summary: 'Submit dispute evidence',
      description:
        'Sends all evidence against a dispute to the bank, which then decides. Evidence can be submitted once. At the simulated ' +
        'gateway, a text with winning_evidence wins the dispute and one with losing_evidence loses it.',
      body: evidenceBody,
      responses: { 200: disputeSchema },
      problems: ['dispute-not-found', 'dispute-not-open', 'gateway-unknown'],
      handle: async ({ params: { id = '' }, body }) => respond(id, (gateway, dispute) => gateway.submitEvidence(dispute, body)),
    }),
    route({
      method: 'post',
      path: '/v1/disputes/:id/accept',
      scope: 'payments:write',
      operationId: 'acceptDispute',
      summary: 'Accept a dispute',
      description: 'Gives up a dispute, which is lost immediately and permanently.',
      responses: { 200: disputeSchema },
      problems: ['dispute-not-found', 'dispute-not-open', 'gateway-unknown'],
      handle: async ({ params: { id = '' } }) => respond(id, (gateway, dispute) => gateway.acceptDispute(dispute)),
    }),
  ];
}

const simulatedDisputeRoute = ({ store, disputes, gateways, syncCharge, now }: Parts): Route =>
  route({
    method: 'post',
    path: '/v1/payments/:id/disputes',
    scope: 'payments:write',
    operationId: 'simulateDispute',
    summary: 'Simulate a dispute',
    description:
      'Opens a dispute of a payment at the simulated gateway, as if the customer had disputed it with their bank. ' +
      'A charge has at most one dispute, so a repeat returns the same one.',
    body: newDisputeBody,
    responses: { 201: disputeSchema },
    problems: ['payment-not-found', 'gateway-not-simulated', 'payment-not-disputable', 'dispute-not-found'],
    handle: async ({ params: { id = '' }, body }) => {
      const payment = (await store.find([id])).get(id);
      if (!payment) return notFound('payment', id);
      const gateway = gateways.get(payment.gateway);
      if (gateway?.openDispute === undefined)
        return problem(409, 'gateway-not-simulated', `The payment ${id} was not made at the simulated gateway.`);
      const isOpened = payment.intentId !== null && (await gateway.openDispute(payment.intentId, body, now()));
      if (!isOpened) return problem(409, 'payment-not-disputable', `The payment ${id} has no charge of at least this amount.`);
      await syncCharge(payment.intentId as string);
      const { data } = await disputes.list({ paymentId: id }, { limit: 1 });
      return data[0] ? created(data[0]) : notFound('dispute', id);
    },
  });
