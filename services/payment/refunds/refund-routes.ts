import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { nowOn } from '../../shared/domain-time.ts';
import { keyedId } from '../../shared/new-id.ts';
import { isProblem, notFound } from '../../shared/problem.ts';
import { accepted, created, ok, type Route, route } from '../../shared/route.ts';
import type { Platform } from '../../shared/service.ts';
import { movementFields } from '../schemas.ts';
import type { PaymentStore } from '../store.ts';
import { refundEvent, refundOf, refundResource } from './refund.ts';
import type { Refunding } from './refund-queue.ts';

const refundBody = z.strictObject({
  amount: z.number().int().min(1).max(1_000_000_000_000).optional(),
  reason: z.string().min(1).max(500),
  to: z.enum(['method', 'credit']).default('method'),
  reopen: z.boolean().default(false),
});

export const refundAnswer = z.object({
  ...movementFields,
  paymentId: z.string(),
  to: z.enum(['method', 'credit']),
  status: z.enum(['processing', 'succeeded', 'failed']),
  reason: z.string(),
  origin: z.enum(['marquee', 'gateway']),
  reopen: z.boolean().optional(),
  creditNoteId: z.string().nullable(),
  failureCode: z.string().nullable(),
});

const waitMillis = 5_000;
const lookMillis = 40;

/** Refunds of a payment without a credit note: money goes back, the invoice stays paid unless it shall be open again. */
export function refundRoutes(platform: Platform, store: PaymentStore, refunding: Refunding): readonly Route[] {
  /** Waits until the gateway has told, and on a test clock for all that follows; after a few seconds answers it as it is. */
  const outcomeOf = async (paymentId: string, refundId: string) => {
    const deadline = performance.now() + waitMillis;
    for (;;) {
      const payment = (await store.find([paymentId])).get(paymentId);
      const refund = payment && refundOf(payment, refundId);
      if (payment === undefined || refund === undefined) throw new Error(`the refund ${refundId} is gone`);
      if (refund.status !== 'processing' && payment.testClock !== null)
        await platform.settlement.settled([refundEvent(payment, refund).id], waitMillis);
      if (refund.status !== 'processing' || performance.now() > deadline) return refundResource(payment, refund);
      await pause(lookMillis);
    }
  };

  return [
    route({
      method: 'post',
      path: '/v1/payments/:id/refunds',
      scope: 'payments:write',
      summary:
        'Give money back, to the method or as account credit: so much, or all that is left; with `reopen` it is due again; 202 while the gateway has not told',
      body: refundBody,
      answer: refundAnswer,
      handle: async ({ params: { id = '' }, body, idempotencyKey }) => {
        const payment = (await store.find([id])).get(id);
        if (!payment) return notFound('payment', id);
        const refundId = keyedId('ref', idempotencyKey);
        const at = await nowOn(platform, payment.testClock);
        const recorded = await refunding.record(id, { ...body, id: refundId, creditNoteId: null }, at);
        if (isProblem(recorded)) return recorded;
        const refund = await outcomeOf(id, refundId);
        return refund.status === 'processing' ? accepted(refund) : created(refund);
      },
    }),
    route({
      method: 'get',
      path: '/v1/payments/:id/refunds',
      scope: 'payments:read',
      summary: 'The refunds of a payment, in the order they were asked for',
      handle: async ({ params: { id = '' } }) => {
        const payment = (await store.find([id])).get(id);
        if (!payment) return notFound('payment', id);
        const { refunds = [] } = payment;
        return ok({ data: refunds.map((refund) => refundResource(payment, refund)), nextCursor: null });
      },
    }),
  ];
}
