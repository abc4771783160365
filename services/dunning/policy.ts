import { z } from 'zod';

/** What the customer is told of a failing payment, and by which channels. SMS goes only to those who asked for it. */
const message = z.strictObject({
  event: z.enum(['payment-failed', 'suspended', 'recovered']),
  channels: z.array(z.enum(['email', 'sms'])).max(2),
});

const days = z.number().int().min(1).max(365);

const retryFields = {
  retryDays: z.array(days).max(20).default([1, 3, 5, 7]),
  retryMode: z.enum(['from-first-failure', 'interval']).default('from-first-failure'),
  hardDeclineRetries: z.number().int().min(0).max(20).default(0),
  graceDays: days.default(14),
  suspendAfterDays: z.number().int().min(0).max(365).default(7),
  finalAction: z.enum(['cancel', 'suspend']).default('cancel'),
};

/** The part of a policy that a subscription keeps from its start on. */
export const retryPolicySchema = z.strictObject(retryFields).superRefine(refuse<RetryPolicy>((policy) => contradictions(policy)));

/**
 * How a failed payment is followed up (billing-rules.md, Failed payments), in local calendar days of the subscription. Whatever is
 * left out takes its default. With `from-first-failure` the retry days count from the first failure, with `interval` each counts
 * from the attempt before it; retries and suspension lie within the grace.
 */
export const policySchema = z
  .strictObject({
    ...retryFields,
    messages: z
      .array(message)
      .max(3)
      .default([
        { event: 'payment-failed', channels: ['email', 'sms'] },
        { event: 'suspended', channels: ['email', 'sms'] },
        { event: 'recovered', channels: ['email'] },
      ]),
  })
  .superRefine(refuse<DunningPolicy>((policy) => [...contradictions(policy), ...toldTwice(policy)]));

export type RetryPolicy = z.infer<z.ZodObject<typeof retryFields>>;

export type DunningPolicy = RetryPolicy & { messages: z.infer<typeof message>[] };

export const defaultPolicy: DunningPolicy = policySchema.parse({});

export function retryPolicyOf({ messages: _, ...retryPolicy }: DunningPolicy): RetryPolicy {
  return retryPolicy;
}

type Contradiction = { readonly field: string; readonly message: string };

function refuse<Policy>(found: (policy: Policy) => readonly Contradiction[]) {
  return (policy: Policy, refinement: z.core.$RefinementCtx): void => {
    for (const { field, message } of found(policy)) refinement.addIssue({ code: 'custom', path: [field], message });
  };
}

/** What cannot be kept: retries out of order or after the grace, a suspension after it, more retries than days. */
function contradictions({ retryDays, retryMode, hardDeclineRetries, graceDays, suspendAfterDays }: RetryPolicy): Contradiction[] {
  const fromFirstFailure = retryMode === 'from-first-failure';
  const lastRetryDay = fromFirstFailure ? (retryDays.at(-1) ?? 0) : retryDays.reduce((sum, gap) => sum + gap, 0);
  const ascending = retryDays.every((day, index) => index === 0 || day > (retryDays[index - 1] ?? 0));
  const found: (Contradiction | false)[] = [
    fromFirstFailure && !ascending && { field: 'retryDays', message: 'Days from the first failure rise from one to the next.' },
    lastRetryDay > graceDays && {
      field: 'retryDays',
      message: `The last retry, on day ${lastRetryDay}, lies after the grace of ${graceDays} days.`,
    },
    suspendAfterDays > graceDays && { field: 'suspendAfterDays', message: `The grace ends on day ${graceDays}, before the suspension.` },
    hardDeclineRetries > retryDays.length && { field: 'hardDeclineRetries', message: 'There are not that many retry days.' },
  ];
  return found.filter((contradiction) => contradiction !== false);
}

function toldTwice({ messages }: DunningPolicy): Contradiction[] {
  const isTwice = new Set(messages.map(({ event }) => event)).size < messages.length;
  return isTwice ? [{ field: 'messages', message: 'Each event is named once.' }] : [];
}
