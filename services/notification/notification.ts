import type { CustomerPreferences } from '../shared/contracts/customer-resource.ts';
import { formatDate, formatMoney } from '../shared/format.ts';
import type { Instant } from '../shared/time.ts';
import type { Channel, DunningNotice, Message, Value } from './message.ts';
import { fill, languageFor, type Template, type TemplateName, templateIn } from './templates.ts';

/** `stored`: written, and sent where the channel is configured; `suppressed`: the customer wants none of this kind. */
export type State = 'stored' | 'sent' | 'failed' | 'suppressed';

/** A message as written to one customer by one channel. It names no person: the address is looked up when it is sent. */
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
  readonly state: State;
  readonly createdAt: Instant;
  readonly sentAt: Instant | null;
  readonly attempts: number;
  /** System time of the next try to send it; null where none is to be made. */
  readonly nextAttemptAt: Instant | null;
  readonly testClock: string | null;
};

/** A customer as far as writing to them needs it. */
export type Recipient = {
  readonly email: string;
  readonly phone: string | null;
  readonly locale: string;
  readonly timezone: string;
  readonly preferences: CustomerPreferences;
  readonly erased: boolean;
};

/** By which channels a follow-up of a failed payment is told (the dunning policy's `messages`); a rung holds from its attempt on. */
export type DunningChannels = Readonly<Record<DunningNotice, readonly Channel[]>> & { readonly ladder?: readonly Rung[] };

/** Rungs stand in the order of their attempts. */
export type Rung = { readonly afterAttempt: number; readonly channels: readonly Channel[] };

export type Routed = { readonly channel: Channel; readonly suppressed: boolean };

/** What the policy allows for a follow-up: a failed payment is told as the highest rung that its attempt has reached says. */
function dunningChannelsFor({ attempt = 1 }: Message, notice: DunningNotice, dunning: DunningChannels): readonly Channel[] {
  const rung = notice === 'payment-failed' ? dunning.ladder?.findLast(({ afterAttempt }) => afterAttempt <= attempt) : undefined;
  return rung?.channels ?? dunning[notice];
}

/**
 * Which channels a message takes: mail always, but suppressed where the customer wants none and it is not required; SMS only for
 * failing payments, and only for those who asked for it; what the app shows bothers nobody. Nobody writes to an erased customer.
 */
export function routesFor(message: Message, template: Template, customer: Recipient, dunning: DunningChannels): readonly Routed[] {
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

/** The template filled in the customer's language: money, days and plan names as that language writes them. */
export function written(message: Message, customer: Pick<Recipient, 'locale' | 'timezone'>, plans: PlanNames) {
  const language = languageFor(customer.locale);
  const locale = customer.locale.toLowerCase().startsWith(language) ? customer.locale : language;
  const inWords = (value: Value): string => {
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

/** The plan's name in the customer's language, else in English, else in any. Throws while the plan is not known. */
function planName(planId: string, locale: string, language: string, plans: PlanNames): string {
  const names = plans.get(planId);
  if (!names) throw new Error(`notification: the plan ${planId} is not known yet`);
  return names[locale] ?? names[language] ?? names.en ?? Object.values(names)[0] ?? planId;
}

export const planIdsOf = (message: Message): readonly string[] =>
  Object.values(message.values).flatMap((value) => (typeof value === 'object' && 'planId' in value ? [value.planId] : []));

/** One event is told once by each channel: the id says which. */
export const notificationIdOf = (eventId: string, channel: Channel): string => `ntf_${eventId.replaceAll(':', '.')}_${channel}`;
