import type { MarqueeEvent } from '../shared/events.ts';
import type { Reaction } from '../shared/service.ts';
import type { Instant } from '../shared/time.ts';
import { asksForCard, type CardLinkSource, withCardLink } from './card-link.ts';
import type { Channel, Message } from './message.ts';
import { messageOf, toldTypes } from './messages.ts';
import {
  type DunningChannels,
  type Notification,
  notificationIdOf,
  type PlanNames,
  planIdsOf,
  type Recipient,
  routesFor,
  written,
} from './notification.ts';
import { defaultChannels, type Projections } from './projections.ts';
import type { NotificationStore } from './store.ts';

export type Writing = {
  readonly store: NotificationStore;
  readonly projections: Projections;
  /** True where messages by this channel really go out. */
  readonly sends: (channel: Channel) => boolean;
  readonly cardLinkFor: CardLinkSource;
  readonly wakeDelivery: () => void;
  readonly now: () => Instant;
};

export const reactions = (writing: Writing): readonly Reaction[] => [
  {
    to: ['customer.*', 'dunning.policy-changed', 'subscription.created', ...toldTypes],
    handle: async (events) => {
      await writing.projections.remember(events);
      await writeAll(writing, events);
    },
  },
];

type Told = { readonly event: MarqueeEvent; readonly message: Message; readonly cardLink?: string | undefined };

/** Writes what the events have customers told, all in one write under derived ids: a repeat writes nothing. */
async function writeAll(
  { store, projections, sends, cardLinkFor, wakeDelivery, now }: Writing,
  events: readonly MarqueeEvent[],
): Promise<void> {
  const told = events.flatMap((event): Told[] => {
    const message = messageOf(event);
    return message ? [{ event, message }] : [];
  });
  if (told.length === 0) return;
  const linked = told.map(
    async (one): Promise<Told> => (asksForCard(one.message) ? { ...one, cardLink: await cardLinkFor(one.event) } : one),
  );
  const [recipients, plans, dunning] = await Promise.all([
    projections.recipients(told.map(({ event }) => event.customerId)),
    projections.planNames(told.flatMap(({ message }) => planIdsOf(message))),
    told.some(({ message }) => message.dunning) ? projections.dunningChannels() : defaultChannels,
  ]);
  const dueAt = (channel: Channel, { testClock }: MarqueeEvent): Instant | null => (testClock === null && sends(channel) ? now() : null);
  const rows = (await Promise.all(linked)).flatMap((one) => notificationsFor(one, recipients, plans, dunning, dueAt));
  await store.write(rows);
  if (rows.some(({ nextAttemptAt }) => nextAttemptAt !== null)) wakeDelivery();
}

function notificationsFor(
  { event, message, cardLink }: Told,
  recipients: ReadonlyMap<string, Recipient>,
  plans: PlanNames,
  dunning: DunningChannels,
  dueAt: (channel: Channel, event: MarqueeEvent) => Instant | null,
): readonly Notification[] {
  const recipient = recipients.get(event.customerId);
  if (!recipient) throw new Error(`notification: the customer ${event.customerId} is not known yet`);
  const { template, locale, language, subject, body, sms } = written(message, recipient, plans);
  const mail = cardLink === undefined ? body : withCardLink(body, language, cardLink);
  return routesFor(message, template, recipient, dunning).map(({ channel, suppressed }) => ({
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
