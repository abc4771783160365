import { z } from 'zod';
import { identity } from '../shared/fields.ts';
import { channels, daysSchema as days, retryRefinements } from '../shared/retry-refinements.ts';

/**
 * A message to the customer and its channels. SMS requires the consent of the customer; `in-app` is
 * stored for the app to show. Messages about failed payments may escalate: an entry with
 * `afterAttempt` applies from that failed attempt until the next entry.
 */
const message = z.strictObject({
  event: z.enum(['payment-failed', 'suspended', 'recovered']),
  afterAttempt: z.number().int().min(2).max(100).exactOptional(),
  channels: channels.max(3),
});

const refinements = {
  ...retryRefinements,
  /** With `downgrade`, the plan after the grace period, for example one with advertisements. */
  downgradeTo: z.strictObject({ planId: identity('plan') }).exactOptional(),
};

const retryFields = {
  ...refinements,
  retryDays: z.array(days).max(20).default([1, 3, 5, 7]),
  retryMode: z.enum(['from-first-failure', 'interval']).default('from-first-failure'),
  hardDeclineRetries: z.number().int().min(0).max(20).default(0),
  graceDays: days.default(14),
  suspendAfterDays: z.number().int().min(0).max(365).default(7),
  finalAction: z.enum(['cancel', 'suspend', 'downgrade']).default('cancel'),
};

/** The part of a policy that a subscription copies at its start. */
export const retryPolicySchema = z.strictObject(retryFields).superRefine(refusalOf<RetryPolicy>((policy) => contradictions(policy)));

/**
 * The follow-up of a failed payment (docs/billing-rules.md, Failed payments), in local calendar
 * days of the subscription. An absent field takes its default. With `from-first-failure` the retry
 * days count from the first failure; with `interval` each counts from the previous attempt. Retries
 * and suspension lie within the grace period.
 */
export const policySchema = z
  .strictObject({
    ...retryFields,
    messages: z
      .array(message)
      .max(20)
      .default([
        { event: 'payment-failed', channels: ['email', 'sms'] },
        { event: 'suspended', channels: ['email', 'sms'] },
        { event: 'recovered', channels: ['email'] },
      ]),
  })
  .superRefine(refusalOf<DunningPolicy>((policy) => [...contradictions(policy), ...contradictoryMessages(policy)]));

export type RetryPolicy = z.infer<z.ZodObject<typeof retryFields>>;

export type DunningPolicy = RetryPolicy & { messages: z.infer<typeof message>[] };

/** Fields without a default. A policy that replaces another one must remove them. */
export const optionalFields = Object.keys(refinements);

export const defaultPolicy: DunningPolicy = policySchema.parse({});

export function retryPolicyOf({ messages: _, ...retryPolicy }: DunningPolicy): RetryPolicy {
  return retryPolicy;
}

type Contradiction = { readonly path: readonly string[]; readonly message: string };

function refusalOf<Policy>(found: (policy: Policy) => readonly Contradiction[]) {
  return (policy: Policy, refinement: z.core.$RefinementCtx): void => {
    for (const { path, message } of found(policy)) refinement.addIssue({ code: 'custom', path: [...path], message });
  };
}

/** The contradictions within a policy, each with the path of the field to correct. */
function contradictions(policy: RetryPolicy): Contradiction[] {
  const { retryDays, hardDeclineRetries, graceDays, suspendAfterDays, byCategory = {} } = policy;
  const found: (Contradiction | false)[] = [
    ...brokenSteps(policy, retryDays, ['retryDays']),
    ...Object.entries(byCategory).flatMap(([kind, steps]) =>
      brokenSteps(policy, steps?.retryDays ?? [], ['byCategory', kind, 'retryDays']),
    ),
    suspendAfterDays > graceDays && { path: ['suspendAfterDays'], message: `suspendAfterDays must not exceed graceDays (${graceDays}).` },
    (policy.finalAction === 'downgrade') !== (policy.downgradeTo !== undefined) && {
      path: ['downgradeTo'],
      message: 'downgradeTo is required if and only if finalAction is "downgrade".',
    },
    ...brokenReminders(policy),
    hardDeclineRetries > retryDays.length && {
      path: ['hardDeclineRetries'],
      message: 'hardDeclineRetries must not exceed the number of retryDays.',
    },
  ];
  return found.filter((contradiction) => contradiction !== false);
}

function brokenSteps({ retryMode, graceDays }: RetryPolicy, steps: readonly number[], path: readonly string[]): Contradiction[] {
  const fromFirstFailure = retryMode === 'from-first-failure';
  const lastDay = fromFirstFailure ? (steps.at(-1) ?? 0) : steps.reduce((sum, gap) => sum + gap, 0);
  const ascending = steps.every((day, index) => index === 0 || day > (steps[index - 1] ?? 0));
  const found: (Contradiction | false)[] = [
    fromFirstFailure && !ascending && { path, message: 'Retry days must be in ascending order.' },
    lastDay > graceDays && { path, message: `The last retry, on day ${lastDay}, must not be after the grace period of ${graceDays} days.` },
  ];
  return found.filter((contradiction) => contradiction !== false);
}

function brokenReminders({ reminders = [], graceDays }: RetryPolicy): (Contradiction | false)[] {
  const days = reminders.map(({ daysAfterFailure }) => daysAfterFailure);
  const ascending = days.every((day, index) => index === 0 || day > (days[index - 1] ?? 0));
  return [
    !ascending && { path: ['reminders'], message: 'Reminder days must be in ascending order.' },
    (days.at(-1) ?? 0) >= graceDays &&
      days.length > 0 && { path: ['reminders'], message: `The last reminder must be before the grace period ends on day ${graceDays}.` },
  ];
}

function contradictoryMessages({ messages }: DunningPolicy): Contradiction[] {
  const isTwice = new Set(messages.map(({ event, afterAttempt }) => `${event} ${afterAttempt}`)).size < messages.length;
  const isMisplaced = messages.some(({ event, afterAttempt }) => afterAttempt !== undefined && event !== 'payment-failed');
  const found: (Contradiction | false)[] = [
    isTwice && { path: ['messages'], message: 'Each event may be named once, or once per attempt.' },
    isMisplaced && { path: ['messages'], message: 'afterAttempt is allowed only for the event payment-failed.' },
  ];
  return found.filter((contradiction) => contradiction !== false);
}
