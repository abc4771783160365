import { z } from 'zod';

export const daysSchema = z.number().int().min(1).max(365);
export const channels = z.array(z.enum(['email', 'sms', 'in-app']));

const retrySteps = z.strictObject({ retryDays: z.array(daysSchema).max(20) }).exactOptional();

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'Must be a time of day, for example 09:30.');

/**
 * What a dunning policy may add to its retry days; without them retries come on their day, at the
 * time of day of the failure.
 */
export const retryRefinements = {
  /** In place of `retryDays` and `hardDeclineRetries` for declines of a kind. */
  byCategory: z.strictObject({ soft: retrySteps, hard: retrySteps, 'expired-card': retrySteps }).exactOptional(),
  /** The customer's hours that retries are moved into. */
  timeOfDay: z
    .strictObject({ from: timeOfDay, to: timeOfDay })
    .refine(({ from, to }) => from < to, 'The hours must end after they begin, on the same day.')
    .exactOptional(),
  /**
   * Days of the month, -1 the last. A retry for lack of money that is due up to three days before
   * one of them moves to it.
   */
  paydays: z
    .array(z.union([z.number().int().min(1).max(31), z.literal(-1)]))
    .max(31)
    .exactOptional(),
  /**
   * How often the card networks let one invoice be tried again; 15 times in 30 days where nothing
   * is said.
   */
  retryBudget: z.strictObject({ attempts: z.number().int().min(0).max(100), days: daysSchema }).exactOptional(),
  /** Reminders between the messages about attempts, by days after the first failure. */
  reminders: z
    .array(z.strictObject({ daysAfterFailure: daysSchema, channels: channels.min(1).max(3) }))
    .max(20)
    .exactOptional(),
};
