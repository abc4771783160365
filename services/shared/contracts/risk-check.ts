import { z } from 'zod';
import { type Problem, problem } from '../problem.ts';
import { isProblemCode } from '../problems/index.ts';

/** What is known of a card; its country is the issuer's. */
const card = z
  .strictObject({
    gateway: z.enum(['simulated', 'stripe']),
    fingerprint: z.string().max(500).nullable(),
    country: z.string().max(10).nullable(),
  })
  .nullable();

/** `id` is what the question is about, so that a repeat counts once. */
const request = {
  id: z.string().max(200),
  customerId: z.string().max(200),
  testClock: z.string().max(200).nullable(),
  country: z.string(),
};

/**
 * Somebody wants to add a payment method, has had one checked by its gateway, or starts a
 * subscription.
 */
export const riskQuestionSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('payment-method-offered'), ...request }),
  z.strictObject({ kind: z.literal('payment-method-checked'), ...request, isRefused: z.boolean(), card }),
  z.strictObject({
    kind: z.literal('subscription-start'),
    ...request,
    /** The card that the subscription will be charged to. */
    card,
    household: z.string().nullable(),
    address: z.record(z.string(), z.string()).nullable(),
    /** The network address of the customer's device, where the app sends it. */
    sourceAddress: z.string().nullable(),
    /** The plan family whose trial is wanted, null for a start without one. */
    trialOf: z.string().nullable(),
  }),
]);

export type RiskQuestion = z.infer<typeof riskQuestionSchema>;

export const riskAnswerSchema = z.object({
  /** `review` goes ahead and is noted for people to look at. */
  verdict: z.enum(['allow', 'review', 'refuse']),
  /** The first reason's, stable; null where there is none. */
  code: z.string().nullable(),
  /** `pointer` names the field of the request that is to blame. */
  reasons: z.array(z.object({ code: z.string(), message: z.string(), pointer: z.string().optional() })),
  /** Where time helps: after how many seconds it is worth asking again. */
  retryAfterSeconds: z.number().int().min(1).nullable(),
  /** The start may go ahead, but the trial was had before. */
  withoutTrial: z.boolean(),
  /** What the question took for itself, opaque; a start that comes to nothing gives it back. */
  taken: z.array(z.string().max(500)),
});

export type RiskAnswer = z.infer<typeof riskAnswerSchema>;

/**
 * Judges an action before it happens. The security service has a check of its own; one of a
 * provider replaces it by returning the same.
 */
export type RiskCheck = (question: RiskQuestion) => Promise<RiskAnswer>;

export const allowed: RiskAnswer = { verdict: 'allow', code: null, reasons: [], retryAfterSeconds: null, withoutTrial: false, taken: [] };

/**
 * The refusal that the client receives: 429 where waiting helps, else 422 at the field to blame, or
 * 409. Undefined where the request may go ahead. A code of a provider's own becomes `risk-refused`,
 * and `errors` has the provider's code.
 */
export function riskRefusal({ verdict, code, reasons: [reason], retryAfterSeconds }: RiskAnswer): Problem | undefined {
  if (verdict !== 'refuse') return undefined;
  const { message, pointer } = reason ?? { message: 'The risk check refuses this.' };
  const reasonCode = code ?? 'risk-refused';
  const stable = isProblemCode(reasonCode) ? reasonCode : 'risk-refused';
  const errors = pointer === undefined ? undefined : [{ pointer, code: reasonCode, message }];
  if (retryAfterSeconds !== null) return { ...problem(429, stable, message), retryAfterSeconds };
  return problem(errors ? 422 : 409, stable, message, errors);
}
