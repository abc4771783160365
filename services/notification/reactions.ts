import type { MarqueeEvent } from '../shared/events.ts';
import { type Reaction, reaction } from '../shared/reaction.ts';
import type { Instant } from '../shared/time.ts';
import { type CardLinkSource, needsCardLink, withCardLink } from './card-link.ts';
import type { Channel, Message } from './message.ts';
import { messageOf, notifiedTypes } from './messages.ts';
import {
  channelsFor,
  type DunningChannels,
  type Notification,
  notificationIdOf,
  type PlanNames,
  planIdsOf,
  type Recipient,
  writeMessage,
} from './notification.ts';
import { defaultChannels, type Projections } from './projections.ts';
import type { NotificationStore } from './store.ts';

export type NotificationParts = {
  readonly store: NotificationStore;
  readonly projections: Projections;
  /** True for a channel with a configured provider. */
  readonly isConfigured: (channel: Channel) => boolean;
  readonly cardLinkFor: CardLinkSource;
  readonly wakeDelivery: () => void;
  readonly now: () => Instant;
};

export const notificationReactions = (parts: NotificationParts): readonly Reaction[] => [
  reaction(['customer.*', 'dunning.policy-changed', 'subscription.created', ...notifiedTypes], async (events) => {
    await parts.projections.project(events);
    await writeNotifications(parts, events);
  }),
];

type EventMessage = { readonly event: MarqueeEvent; readonly message: Message; readonly cardLink?: string | undefined };

/**
 * Writes the notifications of the events, in one write under derived ids: a repeat writes nothing.
 */
async function writeNotifications(
  { store, projections, isConfigured, cardLinkFor, wakeDelivery, now }: NotificationParts,
  events: readonly MarqueeEvent[],
): Promise<void> {
  const messages = events.flatMap((event): EventMessage[] => {
    const message = messageOf(event);
    return message ? [{ event, message }] : [];
  });
  if (messages.length === 0) return;
  const linked = messages.map(
    async (one): Promise<EventMessage> => (needsCardLink(one.message) ? { ...one, cardLink: await cardLinkFor(one.event) } : one),
  );
  const [recipients, plans, dunning] = await Promise.all([
    projections.recipients(messages.map(({ event }) => event.customerId)),
    projections.planNames(messages.flatMap(({ message }) => planIdsOf(message))),
    messages.some(({ message }) => message.dunning) ? projections.dunningChannels() : defaultChannels,
  ]);
  const dueAt = (channel: Channel, { testClock }: MarqueeEvent): Instant | null =>
    testClock === null && isConfigured(channel) ? now() : null;
  const rows = (await Promise.all(linked)).flatMap((one) => notificationsFor(one, recipients, plans, dunning, dueAt));
  await store.write(rows);
  if (rows.some(({ nextAttemptAt }) => nextAttemptAt !== null)) wakeDelivery();
}

function notificationsFor(
  { event, message, cardLink }: EventMessage,
  recipients: ReadonlyMap<string, Recipient>,
  plans: PlanNames,
  dunning: DunningChannels,
  dueAt: (channel: Channel, event: MarqueeEvent) => Instant | null,
): readonly Notification[] {
  const recipient = recipients.get(event.customerId);
  if (!recipient) throw new Error(`The customer ${event.customerId} is not known to notification yet.`);
  const { template, locale, language, subject, body, sms } = writeMessage(message, recipient, plans);
  const mail = cardLink === undefined ? body : withCardLink(body, language, cardLink);
  return channelsFor(message, template, recipient, dunning).map(({ channel, suppressed }) => ({
    _id: notificationIdOf(event.id, channel),
    event: event.type,
    template: message.template,
    customerId: event.customerId,
    channel,
    locale,
    subject: channel === 'sms' ? null : subject,
    body: channel === 'email' ? mail : (sms ?? body),
    state: suppressed ? 'suppressed' : 'stored',
    createdAt: event.time,
    sentAt: null,
    attempts: 0,
    nextAttemptAt: suppressed ? null : dueAt(channel, event),
    testClock: event.testClock,
  }));
}
