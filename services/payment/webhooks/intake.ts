import type { Platform } from '../../shared/service.ts';
import { goOnAuthenticated } from '../charging/collecting.ts';
import type { JointStore } from '../charging/consolidated/store.ts';
import type { Cashier } from '../charging/payment-queue.ts';
import type { Payment } from '../payment.ts';
import type { PaymentStore } from '../store.ts';
import type { Look } from '../sync-charge.ts';
import { createQueue } from '../work-queue.ts';
import type { WebhookStore } from './store.ts';
import type { Webhook } from './webhook.ts';

export type WebhookIntake = {
  /** Keeps a webhook once by its event id, and looks at what it is about soon: whoever sent it is not kept waiting for that. */
  readonly take: (webhook: Webhook) => Promise<void>;
  /** Looks again at what a webhook was about. False where there is none of this id. */
  readonly replay: (id: string) => Promise<boolean>;
  /** Takes up what a crash left, or what there was no room for. */
  readonly takeUp: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

type Parts = {
  readonly platform: Platform;
  readonly store: PaymentStore;
  readonly joints: JointStore;
  readonly cashier: Cashier;
  readonly webhooks: WebhookStore;
  /** Looks at what went back of a charge. */
  readonly lookAtReturns: Look;
  /** Looks at what a card is by now. */
  readonly lookAtMethod: (token: string) => Promise<void>;
};

const atOnce = 8;
const room = 10_000;
const firstWaitMillis = 500;
const longestWaitMillis = 60_000;

/**
 * Webhooks are kept, then answered, then handled: by a look at the gateway, the same way that the janitor takes. So the same end comes of
 * them doubled, reversed, late, or before the answer of the call that caused them.
 */
export function createWebhookIntake({ platform, store, joints, cashier, webhooks, lookAtReturns, lookAtMethod }: Parts): WebhookIntake {
  /** Webhooks that could not be handled yet, and how often that was tried; losing it is harmless, the next start finds them. */
  const tries = new Map<string, number>();

  /** A payment that waits for its customer goes on; one that a bank has is looked at now. */
  const look = async (payment: Payment): Promise<void> => {
    if (payment.status === 'action-required') await goOnAuthenticated({ platform, store, cashier }, payment);
    if (payment.status === 'processing') cashier.take([await store.lookNow(payment)]);
  };

  /** False while an attempt is under way: what it heard may be older than the webhook, so that has to be looked at again after it. */
  const lookAtPayments = async (reference: string): Promise<boolean> => {
    const payments = [...(await store.find(await joints.paymentIdsOf(reference))).values()];
    for (const payment of payments) await look(payment);
    return !payments.some(({ status, step }) => status === 'processing' && step !== 'pending');
  };

  const handle = async (webhook: Webhook): Promise<void> => {
    const { _id, reference, intentId, methodToken } = webhook;
    try {
      if (reference !== null && !(await lookAtPayments(reference))) return tryAgain(webhook);
      if (intentId) await lookAtReturns(intentId);
      if (methodToken) await lookAtMethod(methodToken);
      await webhooks.handled(_id, platform.now());
      tries.delete(_id);
    } catch (error) {
      platform.log.warn({ webhook: _id, reason: (error as Error).message }, 'a webhook could not be handled; it is tried again');
      tryAgain(webhook);
    }
  };

  const tryAgain = (webhook: Webhook): void => {
    const before = tries.get(webhook._id) ?? 0;
    if (before === 0 && tries.size >= room) return;
    tries.set(webhook._id, before + 1);
    setTimeout(() => queue.add([webhook]), Math.min(firstWaitMillis * 2 ** before, longestWaitMillis)).unref();
  };

  const queue = createQueue<Webhook>({ keyOf: ({ _id }) => _id, run: handle, atOnce, room });

  return {
    take: async (webhook) => {
      if (await webhooks.keep(webhook)) queue.add([webhook]);
    },
    replay: async (id) => {
      const webhook = await webhooks.find(id);
      if (webhook) queue.add([webhook]);
      return webhook !== undefined;
    },
    takeUp: async () => queue.add(await webhooks.unhandled(room)),
    stop: queue.stop,
  };
}
