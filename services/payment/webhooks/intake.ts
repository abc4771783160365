import type { Platform } from '../../shared/service.ts';
import type { ConsolidatedStore } from '../charging/consolidated/consolidated-store.ts';
import type { LookForSuccess } from '../charging/look-for-success.ts';
import { continueAfterAuthentication } from '../charging/payment-actions.ts';
import type { PaymentQueue } from '../charging/payment-queue.ts';
import type { Payment } from '../payment.ts';
import type { PaymentStore } from '../store.ts';
import type { SyncCharge } from '../sync-charge.ts';
import { createQueue } from '../work-queue.ts';
import type { WebhookStore } from './store.ts';
import type { Webhook } from './webhook.ts';

export type WebhookIntake = {
  /**
   * Stores a webhook once by its event id and handles it soon; its sender does not wait for that.
   */
  readonly accept: (webhook: Webhook) => Promise<void>;
  /** Handles a stored webhook again. False where there is none with this id. */
  readonly replay: (id: string) => Promise<boolean>;
  /** Handles the stored webhooks that a crash or a full queue left unhandled. */
  readonly resume: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

type Parts = {
  readonly platform: Platform;
  readonly store: PaymentStore;
  readonly consolidatedPayments: ConsolidatedStore;
  readonly paymentQueue: PaymentQueue;
  readonly webhooks: WebhookStore;
  readonly syncCharge: SyncCharge;
  readonly lookForSuccess: LookForSuccess;
  /** Reads a renewed card from its gateway, by its token there. */
  readonly syncCard: (token: string) => Promise<void>;
};

const concurrency = 8;
const capacity = 10_000;
const firstWaitMillis = 500;
const longestWaitMillis = 60_000;

/**
 * Webhooks are stored, then acknowledged, then handled by reading the present state from the
 * gateway. So the result is the same if they arrive twice, in reverse order, late, or before the
 * response of the call that caused them.
 */
export function createWebhookIntake(parts: Parts): WebhookIntake {
  const { platform, store, consolidatedPayments, paymentQueue, webhooks, syncCharge, syncCard, lookForSuccess } = parts;
  /** Failed attempts of each webhook; losing it is harmless, the next start finds the webhooks. */
  const tries = new Map<string, number>();

  /**
   * Continues a payment that waits for its customer, looks up one that is pending, and looks for
   * the success of one that has ended otherwise: nothing but a success is final.
   */
  const lookUp = async (payment: Payment): Promise<void> => {
    if (payment.status === 'declined' || payment.status === 'cancelled') await lookForSuccess(payment);
    if (payment.status === 'action-required') await continueAfterAuthentication({ platform, store, paymentQueue }, payment);
    if (payment.status === 'processing') paymentQueue.add([await store.lookUpNow(payment)]);
  };

  /**
   * False while an attempt is under way: its response may be older than the webhook, so the webhook
   * has to be handled again afterwards.
   */
  const lookUpPayments = async (reference: string): Promise<boolean> => {
    const payments = [...(await store.find(await consolidatedPayments.paymentIdsOf(reference))).values()];
    for (const payment of payments) await lookUp(payment);
    return !payments.some(({ status, step }) => status === 'processing' && step !== 'pending');
  };

  const handle = async (webhook: Webhook): Promise<void> => {
    const { _id, reference, intentId, methodToken } = webhook;
    try {
      if (reference !== null && !(await lookUpPayments(reference))) return retryLater(webhook);
      if (intentId) await syncCharge(intentId);
      if (methodToken) await syncCard(methodToken);
      await webhooks.markHandled(_id, platform.now());
      tries.delete(_id);
    } catch (error) {
      platform.log.warn({ err: error, webhookId: _id }, 'webhook handling failed, will be retried');
      retryLater(webhook);
    }
  };

  const retryLater = (webhook: Webhook): void => {
    const before = tries.get(webhook._id) ?? 0;
    if (before === 0 && tries.size >= capacity) return;
    tries.set(webhook._id, before + 1);
    setTimeout(() => queue.add([webhook]), Math.min(firstWaitMillis * 2 ** before, longestWaitMillis)).unref();
  };

  const queue = createQueue<Webhook>({ keyOf: ({ _id }) => _id, run: handle, concurrency, capacity });

  return {
    accept: async (webhook) => {
      if (await webhooks.insert(webhook)) queue.add([webhook]);
    },
    replay: async (id) => {
      const webhook = await webhooks.find(id);
      if (webhook) queue.add([webhook]);
      return webhook !== undefined;
    },
    resume: async () => queue.add(await webhooks.unhandled(capacity)),
    stop: queue.stop,
  };
}
