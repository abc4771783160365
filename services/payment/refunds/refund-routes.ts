import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { refundSchema } from '../../shared/contracts/payment-resource.ts';
import { nowOn } from '../../shared/domain-time.ts';
import { amount } from '../../shared/fields.ts';
import { pageSchema } from '../../shared/list.ts';
import { keyedId } from '../../shared/new-id.ts';
import { isProblem, notFound } from '../../shared/problem.ts';
import { accepted, created, ok, type Route, route } from '../../shared/route.ts';
import type { Platform } from '../../shared/service.ts';
import type { PaymentStore } from '../store.ts';
import { refundEvent, refundOf, refundResource } from './refund.ts';
import type { RefundQueue } from './refund-queue.ts';

const refundBody = z
  .strictObject({
    amount: amount
      .max(1_000_000_000_000, 'Must be at most 1000000000000 minor units.')
      .optional()
      .meta({ description: 'Minor units of the currency of the payment; everything refundable if absent' }),
    reason: z
      .string()
      .min(1)
      .max(500)
      .meta({ description: 'Why the customer receives a refund', examples: ['Service was down'] }),
    to: z
      .enum(['method', 'credit'])
      .default('method')
      .meta({ description: 'method: to the payment method; credit: to the account credit' }),
    reopen: z.boolean().default(false).meta({ description: 'Whether the refunded amount is due again, which opens the invoice' }),
  })
  .meta({ id: 'CreateRefund' });

const waitMillis = 5_000;
const pollMillis = 40;

/**
 * Refunds of a payment without a credit note. The invoice stays paid, unless `reopen` makes it
 * open.
 */
export function refundRoutes(platform: Platform, store: PaymentStore, refundQueue: RefundQueue): readonly Route[] {
  /**
   * Waits for the outcome of a refund, and on a test clock for everything that follows from it.
   * Returns the refund as it is after a few seconds.
   */
  const outcomeOf = async (paymentId: string, refundId: string) => {
    const deadline = performance.now() + waitMillis;
    for (;;) {
      const payment = (await store.find([paymentId])).get(paymentId);
      const refund = payment && refundOf(payment, refundId);
      if (payment === undefined || refund === undefined) throw new Error(`the refund ${refundId} does not exist any more`);
      if (refund.status !== 'processing' && payment.testClock !== null)
        await platform.settlement.settled([refundEvent(payment, refund).id], waitMillis);
      if (refund.status !== 'processing' || performance.now() > deadline) return refundResource(payment, refund);
      await pause(pollMillis);
    }
  };

  return [
    route({
      method: 'post',
      path: '/v1/payments/:id/refunds',
      scope: 'payments:write',
      operationId: 'createRefund',
      summary: 'Refund a payment',
      description:
        'Returns a part of a successful payment, or everything that is still refundable, to the payment method or as account ' +
        'credit. The invoice stays paid, unless reopen makes the refunded amount due again. The status is 202 while the gateway ' +
        'has not responded; refund.succeeded or refund.failed follows. A repeat with the same Idempotency-Key returns the ' +
        'same refund.',
      body: refundBody,
      responses: { 201: refundSchema, 202: refundSchema },
      problems: ['payment-not-found', 'payment-not-succeeded', 'payment-disputed', 'exceeds-refundable', 'reopens-by-money-only'],
      handle: async ({ params: { id = '' }, body, idempotencyKey }) => {
        const payment = (await store.find([id])).get(id);
        if (!payment) return notFound('payment', id);
        const refundId = keyedId('ref', idempotencyKey);
        const at = await nowOn(platform, payment.testClock);
        const recorded = await refundQueue.record(id, { ...body, id: refundId, creditNoteId: null }, at);
        if (isProblem(recorded)) return recorded;
        const refund = await outcomeOf(id, refundId);
        return refund.status === 'processing' ? accepted(refund) : created(refund);
      },
    }),
    route({
      method: 'get',
      path: '/v1/payments/:id/refunds',
      scope: 'payments:read',
      operationId: 'listRefunds',
      summary: 'List the refunds of a payment',
      description:
        'Returns all refunds of a payment in the order of their requests, those made directly at the gateway included. ' +
        'The list has one page.',
      responses: { 200: pageSchema(refundSchema) },
      problems: ['payment-not-found'],
      handle: async ({ params: { id = '' } }) => {
        const payment = (await store.find([id])).get(id);
        if (!payment) return notFound('payment', id);
        const { refunds = [] } = payment;
        return ok({ data: refunds.map((refund) => refundResource(payment, refund)), nextCursor: null });
      },
    }),
  ];
}
