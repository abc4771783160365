import type { EventData, EventType, EventTypeOf } from '../shared/contracts/events.ts';
import type { InvoiceResource } from '../shared/contracts/invoice-resource.ts';
import type { MarqueeEvent } from '../shared/events.ts';
import { type Instant, plusMillis } from '../shared/time.ts';
import type { Message, PlaceholderValue } from './message.ts';
import type { TemplateName } from './templates.ts';

type Rule<Type extends EventType> = {
  /** Every template that an event of this type may choose. */
  readonly templates: readonly TemplateName[];
  readonly choose: (data: EventData<Type>, at: Instant) => Message | undefined;
};

type Rules = { readonly [Type in EventType]?: Rule<Type> };

type SubscriptionType = EventTypeOf<'subscription'>;

const plan = ({ subscription }: EventData<SubscriptionType>): { readonly plan: PlaceholderValue } => ({
  plan: { planId: subscription.planId },
});

const planMessage = <Data extends EventData<SubscriptionType>>(
  template: TemplateName,
  valuesOf: (data: Data) => Message['values'] = () => ({}),
) => ({
  templates: [template],
  choose: (data: Data): Message => ({ template, values: { ...plan(data), ...valuesOf(data) } }),
});

/**
 * A subscription billed in arrears becomes active without a payment. Any other start is announced
 * by `subscription.activated`.
 */
const started = (data: EventData<'subscription.started'>): Message | undefined =>
  data.invoice === null ? { template: 'activated', values: plan(data) } : undefined;

/**
 * The message about a failed payment depends on the remedy that the customer has. The app itself
 * shows a failure of the first payment of a new subscription.
 */
function paymentFailed(data: EventData<'subscription.payment-failed'>): Message | undefined {
  if (data.subscription.status.startsWith('incomplete')) return undefined;
  const failed = { required: true, dunning: 'payment-failed', attempt: data.attempt } as const;
  if (data.category === 'action-required') return { template: 'payment-failed.confirm', values: plan(data), ...failed };
  if (data.category === 'expired-card') return { template: 'payment-failed.expired-card', values: plan(data), ...failed };
  if (data.retryAt === null) return { template: 'payment-failed.new-method', values: plan(data), ...failed };
  return { template: 'payment-failed.retry', values: { ...plan(data), retryDay: { day: data.retryAt } }, ...failed };
}

function ended(data: EventData<'subscription.ended'>): Message | undefined {
  if (data.reason === 'first-payment-missing') return undefined;
  if (data.reason === 'payment-failed') return { template: 'ended.payment-failed', values: plan(data), required: true };
  if (data.reason === 'trial-without-payment-method') return { template: 'ended.trial', values: plan(data), required: true };
  return { template: 'ended', values: plan(data), required: true };
}

/** One receipt for each paid invoice, whether money, credit or both paid it. */
function receipt(invoice: InvoiceResource, paidAt: Instant): Message {
  const { number, currency, lines, total, creditApplied } = invoice;
  const items = [...new Set(lines.filter(({ amount }) => amount > 0).map(({ description }) => description))].join(', ');
  const values = { number, items, total: { amount: total, currency }, paidDay: { day: paidAt } };
  if (creditApplied === 0) return { template: 'receipt', values, required: true };
  const withCredit = { ...values, credit: { amount: creditApplied, currency } };
  if (creditApplied === total) return { template: 'receipt.credit', values: withCredit, required: true };
  return { template: 'receipt.with-credit', values: { ...withCredit, paid: { amount: total - creditApplied, currency } }, required: true };
}

/**
 * The message about an invoice that account credit paid, or that granted account credit. An open
 * invoice is announced when it is paid.
 */
function paidWithoutMoney(invoice: InvoiceResource, at: Instant): Message | undefined {
  const { number, currency, total, status, creditGranted = 0 } = invoice;
  if (creditGranted > 0)
    return { template: 'credit-granted', values: { number, credit: { amount: creditGranted, currency } }, required: true };
  return status === 'paid' && total > 0 ? receipt(invoice, at) : undefined;
}

const subscriptionRules = {
  'subscription.trial-started': planMessage('trial-started', ({ trialEnd, subscription: { price, quantity } }) => ({
    trialEnd: { day: trialEnd },
    price: { amount: price.amount * quantity, currency: price.currency },
  })),
  'subscription.activated': planMessage('activated'),
  'subscription.started': { templates: ['activated'], choose: started },
  'subscription.payment-failed': {
    templates: ['payment-failed.retry', 'payment-failed.new-method', 'payment-failed.expired-card', 'payment-failed.confirm'],
    choose: paymentFailed,
  },
  'subscription.payment-reminder': {
    templates: ['payment-failed.new-method'],
    choose: (data) => ({ template: 'payment-failed.new-method', values: plan(data), required: true, channels: data.channels }),
  },
  'subscription.suspended': {
    templates: ['suspended'],
    choose: (data) => ({ template: 'suspended', values: plan(data), dunning: 'suspended' }),
  },
  'subscription.recovered': {
    templates: ['recovered'],
    choose: (data) => ({ template: 'recovered', values: plan(data), dunning: 'recovered' }),
  },
  'subscription.changed': planMessage('changed'),
  'subscription.change-scheduled': planMessage('change-scheduled', ({ change: { at, terms } }) => ({
    newPlan: { planId: terms.plan.planId },
    changeDay: { day: at },
  })),
  'subscription.cancellation-scheduled': planMessage('cancellation-scheduled', ({ cancelAt }) => ({ endDay: { day: cancelAt } })),
  'subscription.cancellation-withdrawn': planMessage('cancellation-withdrawn'),
  'subscription.pause-scheduled': planMessage('pause-scheduled', ({ pauseAt }) => ({ pauseDay: { day: pauseAt } })),
  'subscription.paused': {
    templates: ['paused', 'paused.until'],
    choose: (data) =>
      data.until === null
        ? { template: 'paused', values: plan(data) }
        : { template: 'paused.until', values: { ...plan(data), resumeDay: { day: data.until } } },
  },
  'subscription.resumed': planMessage('resumed'),
  'subscription.ended': { templates: ['ended', 'ended.payment-failed', 'ended.trial'], choose: ended },
} satisfies Rules;

const invoiceRules = {
  'invoice.paid': { templates: ['receipt', 'receipt.with-credit'], choose: receipt },
  'invoice.finalised': { templates: ['receipt.credit', 'credit-granted'], choose: paidWithoutMoney },
} satisfies Rules;

/**
 * Sent before a payment fails. The last day of the card is named by its noon in UTC, which is the
 * same date in nearly all time zones.
 */
const cardExpiring = ({ card: { last4 }, expiresAt, nextBillingAt }: EventData<'customer.payment-method-expiring'>): Message => ({
  template: 'card-expiring',
  values: { last4, lastDay: { day: plusMillis(expiresAt, -halfDayMillis) }, renewalDay: { day: nextBillingAt } },
});

const halfDayMillis = 12 * 3_600_000;

const customerRules = {
  'customer.payment-method-expiring': { templates: ['card-expiring'], choose: cardExpiring },
} satisfies Rules;

const typedRules = { ...subscriptionRules, ...invoiceRules, ...customerRules } satisfies Rules;
type NotifiedType = keyof typeof typedRules;

const rules: Readonly<Record<string, Rule<never>>> = typedRules;

/** The event types that can cause a message to a customer. */
export const notifiedTypes = Object.keys(typedRules) as readonly NotifiedType[];

/**
 * The message about an event; undefined for an event that is no concern of the customer, or whose
 * fact another event announces.
 */
export const messageOf = (event: MarqueeEvent): Message | undefined =>
  // Each rule takes the data of its own type, under which it is found.
  (rules[event.type] as Rule<EventType> | undefined)?.choose(event.data, event.time);

/** The templates of an event type; undefined for one that causes no message. */
export const templatesFor = (type: string): readonly TemplateName[] | undefined => rules[type]?.templates;
