import type { Money } from '../shared/money.ts';
import type { Instant } from '../shared/time.ts';
import type { TemplateName } from './templates.ts';

/** What a placeholder stands for: a text as it is, money, a day, or a plan by its name in the reader's language. */
export type Value = string | Money | { readonly day: Instant } | { readonly planId: string };

/** The follow-ups of a failed payment; which channels tell of them is in the dunning policy. */
export type DunningNotice = 'payment-failed' | 'suspended' | 'recovered';

/** What is to be said to a customer, in no language yet. */
export type Message = {
  readonly template: TemplateName;
  readonly values: Readonly<Record<string, Value>>;
  /** Said even to those who want no mail: what was paid, what could not be, and that it ended. */
  readonly required?: boolean;
  readonly dunning?: DunningNotice;
  /** Of a failed payment, which attempt that was. */
  readonly attempt?: number;
  /** By which channels, where the event itself says so. */
  readonly channels?: readonly Channel[];
};

export type Channel = 'email' | 'sms' | 'in-app';
