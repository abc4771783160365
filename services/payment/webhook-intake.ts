import type { Platform } from '../shared/service.ts';
import type { Cashier } from './cashier.ts';
import { goOnAuthenticated } from './collecting.ts';
import type { JointStore } from './joint-store.ts';
import type { Payment } from './payment.ts';
import { createQueue } from './queue.ts';
import type { PaymentStore } from './store.ts';
import { paymentOfReference, type Webhook } from './webhook.ts';
import type { WebhookStore } from './webhook-store.ts';

export type WebhookIntake = {
  /** Keeps a webhook once by its event id, and looks at what it is about soon: whoever sent it is not kept waiting for that. */
  readonly take: (webhook: Webhook) => Promise<void>;
  /** Looks again at what a webhook was about. False where there is none of this id. */
  readonly replay: (id: string) => Promise<boolean>;
  /** Takes up what a crash left. */
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

type Parts = {
  readonly platform: Platform;
  readonly store: PaymentStore;
  readonly joints: JointStore;
  readonly cashier: Cashier;
  readonly webhooks: WebhookStore;
};

const atOnce = 8;
const room = 10_000;

/**
 * Webhooks are kept, then answered, then handled: by a look at the gateway, the same way that the janitor takes. So the same end comes of
 * them doubled, reversed, late, or before the answer of the call that caused them.
 */
export function createWebhookIntake({ platform, store, joints, cashier, webhooks }: Parts): WebhookIntake {
  /** A payment that waits for its customer goes on; one that a bank has is looked at now; one under way is its own business. */
  const look = async (payment: Payment): Promise<void> => {
    if (payment.status === 'action-required') await goOnAuthenticated({ platform, store, cashier }, payment);
    if (payment.status === 'processing') cashier.take([await store.lookNow(payment)]);
  };

  const handle = async ({ _id, reference }: Webhook): Promise<void> => {
    try {
      const id = reference === null ? undefined : paymentOfReference(reference);
      const joint = id === undefined ? undefined : await joints.findKnown(id);
      const payments = id === undefined ? [] : [...(await store.find(joint ? joint.payments : [id])).values()];
      for (const payment of payments) await look(payment);
      await webhooks.handled(_id, platform.now());
    } catch (error) {
      platform.log.warn({ webhook: _id, reason: (error as Error).message }, 'a webhook could not be handled; the next start tries again');
    }
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
    start: async () => queue.add(await webhooks.unhandled(room)),
    stop: queue.stop,
  };
}
