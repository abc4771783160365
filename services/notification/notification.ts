import type { CustomerPreferences } from '../shared/contracts/customer-resource.ts';
import { formatDate, formatMoney } from '../shared/format.ts';
import type { Instant } from '../shared/time.ts';
import type { Channel, DunningNotice, Message, PlaceholderValue } from './message.ts';
import { fill, languageFor, type Template, type TemplateName, templateIn } from './templates.ts';

/**
 * `stored`: written, and sent soon if the channel is configured. `sent`: accepted by the provider.
 * `failed`: refused, or tried six times. `suppressed`: the customer does not want such messages.
 */
export const notificationStates = ['stored', 'sent', 'failed', 'suppressed'] as const;

export type NotificationState = (typeof notificationStates)[number];

/**
 * A message to one customer by one channel. It has no address: that is looked up when it is sent.
 */
export type Notification = {
  readonly _id: string;
  readonly event: string;
  readonly template: TemplateName;
  readonly customerId: string;
  readonly channel: Channel;
  readonly locale: string;
  /** Null for SMS. */
  readonly subject: string | null;
  readonly body: string;
  readonly state: NotificationState;
  readonly createdAt: Instant;
  readonly sentAt: Instant | null;
  readonly attempts: number;
  /** System time of the next attempt to send it; null for none. */
  readonly nextAttemptAt: Instant | null;
  readonly testClock: string | null;
};

/** The fields of a customer that are needed to send a message. */
export type Recipient = {
  readonly email: string;
  readonly phone: string | null;
  readonly locale: string;
  readonly timezone: string;
  readonly preferences: CustomerPreferences;
  readonly erased: boolean;
};

/**
 * The channels of each follow-up of a failed payment (`messages` of the dunning policy). An
 * escalation step applies from its attempt on.
 */
export type DunningChannels = Readonly<Record<DunningNotice, readonly Channel[]>> & { readonly ladder?: readonly EscalationStep[] };

/** Escalation steps are sorted by their attempts. */
export type EscalationStep = { readonly afterAttempt: number; readonly channels: readonly Channel[] };

export type ChosenChannel = { readonly channel: Channel; readonly suppressed: boolean };

/**
 * The channels that the policy allows; for a failed payment, those of the last step that its
 * attempt reached.
 */
function dunningChannelsFor({ attempt = 1 }: Message, notice: DunningNotice, dunning: DunningChannels): readonly Channel[] {
  const step = notice === 'payment-failed' ? dunning.ladder?.findLast(({ afterAttempt }) => afterAttempt <= attempt) : undefined;
  return step?.channels ?? dunning[notice];
}

/**
 * The channels of a message. An e-mail is always written, but suppressed for customers without the
 * preference unless it is required. SMS are for failed payments only, and only for customers who
 * opted in. In-app messages need no preference. An erased customer gets no message.
 */
export function channelsFor(message: Message, template: Template, customer: Recipient, dunning: DunningChannels): readonly ChosenChannel[] {
  if (customer.erased) return [];
  const allowed = message.channels
    ? message.channels
    : message.dunning
      ? dunningChannelsFor(message, message.dunning, dunning)
      : (['email'] as const);
  const byMail = allowed.includes('email');
  const bySms = allowed.includes('sms') && template.sms !== undefined && customer.preferences.sms && customer.phone !== null;
  return [
    ...(byMail ? [{ channel: 'email', suppressed: !customer.preferences.email && !message.required } as const] : []),
    ...(bySms ? [{ channel: 'sms', suppressed: false } as const] : []),
    ...(allowed.includes('in-app') ? [{ channel: 'in-app', suppressed: false } as const] : []),
  ];
}

export type PlanNames = ReadonlyMap<string, Readonly<Record<string, string>>>;

/**
 * Fills the template in the language of the customer, with money, days and plan names as that
 * language writes them. Throws while a plan is not known.
 */
export function writeMessage(message: Message, customer: Pick<Recipient, 'locale' | 'timezone'>, plans: PlanNames) {
  const language = languageFor(customer.locale);
  const locale = customer.locale.toLowerCase().startsWith(language) ? customer.locale : language;
  const inWords = (value: PlaceholderValue): string => {
    if (typeof value === 'string') return value;
    if ('day' in value) return formatDate(value.day, customer.timezone, locale);
    return 'planId' in value ? planName(value.planId, locale, language, plans) : formatMoney(value, locale);
  };
  const template = templateIn(language, message.template);
  const values = Object.fromEntries(Object.entries(message.values).map(([name, value]) => [name, inWords(value)]));
  return {
    template,
    locale,
    language,
    subject: fill(template.subject, values),
    body: fill(template.body, values),
    sms: template.sms === undefined ? undefined : fill(template.sms, values),
  };
}

/** The name of the plan in the language of the customer, else in English, else in any language. */
function planName(planId: string, locale: string, language: string, plans: PlanNames): string {
  const names = plans.get(planId);
  if (!names) throw new Error(`The plan ${planId} is not known to notification yet.`);
  return names[locale] ?? names[language] ?? names.en ?? Object.values(names)[0] ?? planId;
}

export const planIdsOf = (message: Message): readonly string[] =>
  Object.values(message.values).flatMap((value) => (typeof value === 'object' && 'planId' in value ? [value.planId] : []));

/** Derived from event and channel, so that a repeated event writes no second notification. */
export const notificationIdOf = (eventId: string, channel: Channel): string => `ntf_${eventId.replaceAll(':', '.')}_${channel}`;
