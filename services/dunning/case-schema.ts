import { z } from 'zod';
import { money, utcInstant } from '../shared/fields.ts';

const failedAttempt = z
  .object({
    attempt: z.int().meta({ description: 'Counts from 1' }),
    at: utcInstant,
    category: z.enum(['soft', 'hard', 'expired-card', 'action-required', 'no-payment-method']),
    declineCode: z.string().nullable(),
    retryAt: utcInstant.nullable(),
    suspendAt: utcInstant.nullable(),
    graceEndsAt: utcInstant.nullable(),
  })
  .meta({ id: 'FailedAttempt' });

/** A dunning case as the API shows it. */
export const caseSchema = z
  .object({
    id: z.string(),
    invoiceId: z.string(),
    subscriptionId: z.string(),
    customerId: z.string(),
    status: z.enum(['open', 'recovered', 'lost']),
    openedAt: utcInstant,
    attempts: z.array(failedAttempt),
    nextRetryAt: utcInstant.nullable(),
    suspendAt: utcInstant.nullable(),
    suspendedAt: utcInstant.nullable(),
    graceEndsAt: utcInstant.nullable(),
    closedAt: utcInstant.nullable(),
    recovered: money.nullable().meta({ description: 'The amount that was paid after all' }),
    testClock: z.string().nullable(),
  })
  .meta({ id: 'DunningCase', description: 'The follow-up of one invoice whose payment failed' });
