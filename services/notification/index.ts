import type { Config } from '../shared/config.ts';
import type { CreateService, Platform, Service } from '../shared/service.ts';
import { cardLinkSource } from './card-link.ts';
import { createDelivery, type Delivery } from './delivery.ts';
import type { Channel } from './message.ts';
import { createProjections } from './projections.ts';
import { notificationReactions } from './reactions.ts';
import { notificationRoutes } from './routes.ts';
import type { Senders } from './sender.ts';
import { createNotificationStore } from './store.ts';

/** Writes messages to customers, with the senders of the configuration. */
export const createNotificationService: CreateService = (platform) => notificationService(platform, configuredSenders(platform.config));

export type Connect = Partial<Readonly<Record<Channel, () => Promise<NonNullable<Senders[Channel]>>>>>;

/**
 * The service with the given senders. They are connected when the service starts, so that the SDKs
 * of unused channels are never loaded.
 */
export function notificationService({ documents, now, log, invoke }: Platform, connect: Connect): Service {
  const store = createNotificationStore(documents);
  const projections = createProjections(documents);
  let delivery: Delivery | undefined;
  return {
    name: 'notification',
    about: 'Writes messages to customers in their language, and sends them by e-mail and SMS if these are configured.',
    routes: notificationRoutes(store),
    reactions: notificationReactions({
      store,
      projections,
      isConfigured: (channel) => channel in connect,
      cardLinkFor: cardLinkSource({ invoke, log }),
      wakeDelivery: () => delivery?.wake(),
      now,
    }),
    start: async () => {
      const senders: Senders = Object.fromEntries(
        await Promise.all(Object.entries(connect).map(async ([channel, connected]) => [channel, await connected()] as const)),
      );
      if (Object.keys(senders).length === 0) return;
      delivery = createDelivery({ store, projections, senders, now, log });
      delivery.start();
    },
    stop: async () => delivery?.stop(),
  };
}

function configuredSenders({ mail, sms }: Config): Connect {
  const { key, from } = mail;
  const { account, token, from: number } = sms;
  return {
    ...(key && from && { email: async () => (await import('./email-sender.ts')).createEmailSender({ key, from }) }),
    ...(account &&
      token &&
      number && { sms: async () => (await import('./sms-sender.ts')).createSmsSender({ account, token, from: number }) }),
  };
}
