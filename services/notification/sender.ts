import type { Channel } from './message.ts';

export type Outgoing = { readonly id: string; readonly to: string; readonly subject: string | null; readonly body: string };

/** `refused` will not become better by trying again, `unavailable` may. */
export type SendOutcome = { readonly outcome: 'sent' } | { readonly outcome: 'refused' | 'unavailable'; readonly reason: string };

export type Send = (message: Outgoing) => Promise<SendOutcome>;

export type Senders = Partial<Readonly<Record<Channel, Send>>>;

/** What an answer that is no success means: the provider's own trouble and its limits pass, everything else it says is final. */
export function outcomeOfStatus(status: number | undefined, reason: string): SendOutcome {
  const passes = status === undefined || status === 408 || status === 429 || status >= 500;
  return { outcome: passes ? 'unavailable' : 'refused', reason };
}
