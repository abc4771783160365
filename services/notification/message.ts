import type { Money } from '../shared/money.ts';
import type { Instant } from '../shared/time.ts';
import type { TemplateName } from './templates.ts';

/**
 * The value of a placeholder: a text, money, a day, or a plan, shown by its name in the language of
 * the reader.
 */
export type PlaceholderValue = string | Money | { readonly day: Instant } | { readonly planId: string };

/** The follow-ups of a failed payment, whose channels the dunning policy defines. */
export type DunningNotice = 'payment-failed' | 'suspended' | 'recovered';

/** A message to a customer before it is written in a language. */
export type Message = {
  readonly template: TemplateName;
  readonly values: Readonly<Record<string, PlaceholderValue>>;
  /**
   * True for receipts, failed payments and endings, which are mailed whatever the preferences are.
   */
  readonly required?: boolean;
  readonly dunning?: DunningNotice;
  /** Number of the failed attempt to collect the payment. */
  readonly attempt?: number;
  /** The channels, for an event that names them itself. */
  readonly channels?: readonly Channel[];
};

export const channels = ['email', 'sms', 'in-app'] as const;

export type Channel = (typeof channels)[number];
