import type { Logger } from 'pino';
import { type Instant, plusMillis } from '../shared/time.ts';
import type { Channel } from './message.ts';
import type { Notification, Recipient } from './notification.ts';
import type { Projections } from './projections.ts';
import type { Senders } from './sender.ts';
import type { NotificationStore } from './store.ts';

export type DeliverySettings = {
  readonly store: NotificationStore;
  readonly projections: Pick<Projections, 'recipients'>;
  readonly senders: Senders;
  readonly now: () => Instant;
  readonly log: Logger;
};

export const mostAttempts = 6;
const batchSize = 16;
/** Longer than any attempt takes; after it, another process sends what a process left that died. */
const claimMillis = 60_000;
const pollMillis = 10_000;

/**
 * A minute, then four times as long each time: the sixth attempt is about six hours after the
 * first.
 */
export const retryMillis = (attempts: number): number => 60_000 * 4 ** (attempts - 1);

/** `wake` sends now what is due; without it a timer does so every 10 seconds. */
export type Delivery = { readonly start: () => void; readonly wake: () => void; readonly stop: () => Promise<void> };

/**
 * Sends due notifications outside the delivery of events, and retries when a provider is
 * unavailable. A crash between the provider's response and the write of the outcome sends the
 * notification once more: a message may arrive twice, but it is never lost.
 */
export function createDelivery({ store, projections, senders, now, log }: DeliverySettings): Delivery {
  let timer: NodeJS.Timeout | undefined;
  let pass: Promise<void> | undefined;
  let again = false;
  let stopped = false;

  const send = async (due: Notification, recipient: Recipient | undefined): Promise<void> => {
    const triedAt = now();
    const claimed = await store.claim(due._id, triedAt, plusMillis(triedAt, claimMillis));
    const sender = senders[due.channel];
    if (!claimed || !sender) return;
    const { _id: id, channel, subject, body, attempts } = claimed;
    const to = recipient && addressOf(recipient, channel);
    const result = to ? await sender({ id, to, subject, body }) : ({ outcome: 'refused', reason: 'no address' } as const);
    if (result.outcome === 'sent') return store.recordOutcome(id, { state: 'sent', sentAt: now(), nextAttemptAt: null });
    const final = result.outcome === 'refused' || attempts >= mostAttempts;
    log.warn({ notificationId: id, channel, attempts, final, outcome: result.outcome }, 'notification sending failed');
    return store.recordOutcome(
      id,
      final ? { state: 'failed', nextAttemptAt: null } : { nextAttemptAt: plusMillis(triedAt, retryMillis(attempts)) },
    );
  };

  const sendAllDue = async (): Promise<void> => {
    do {
      again = false;
      const due = await store.due(now(), Object.keys(senders) as Channel[], batchSize);
      const recipients = due.length > 0 ? await projections.recipients(due.map(({ customerId }) => customerId)) : new Map();
      await Promise.all(due.map((notification) => send(notification, recipients.get(notification.customerId))));
      again ||= due.length === batchSize;
    } while (again && !stopped);
  };

  const wake = (): void => {
    again = true;
    if (pass || stopped) return;
    pass = sendAllDue()
      .catch((err: unknown) => log.warn({ err }, 'notification delivery failed, the next run retries'))
      .finally(() => {
        pass = undefined;
      });
  };

  return {
    wake,
    start: () => {
      timer = setInterval(wake, pollMillis);
      timer.unref();
      wake();
    },
    stop: async () => {
      stopped = true;
      clearInterval(timer);
      await pass;
    },
  };
}

const addressOf = ({ email, phone, erased }: Recipient, channel: Channel): string | null =>
  erased || channel === 'in-app' ? null : channel === 'email' ? email : phone;
