import type { Channel } from './message.ts';

/** A message on its way to a provider; `to` is an e-mail address or a telephone number. */
export type Outgoing = { readonly id: string; readonly to: string; readonly subject: string | null; readonly body: string };

/** A retry never helps after `refused`, and may help after `unavailable`. */
export type SendOutcome = { readonly outcome: 'sent' } | { readonly outcome: 'refused' | 'unavailable'; readonly reason: string };

export type Send = (message: Outgoing) => Promise<SendOutcome>;

export type Senders = Partial<Readonly<Record<Channel, Send>>>;

/**
 * The outcome of an unsuccessful response: failures and rate limits of the provider are temporary,
 * any other status is final.
 */
export function outcomeOfStatus(status: number | undefined, reason: string): SendOutcome {
  const isTemporary = status === undefined || status === 408 || status === 429 || status >= 500;
  return { outcome: isTemporary ? 'unavailable' : 'refused', reason };
}
