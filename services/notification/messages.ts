import type { InvoiceResource } from '../shared/contracts/invoice-resource.ts';
import type { DeclineCategory } from '../shared/contracts/payment-resource.ts';
import type { MarqueeEvent } from '../shared/events.ts';
import type { Money } from '../shared/money.ts';
import { type Instant, plusMillis } from '../shared/time.ts';
import type { Channel, Message, PlaceholderValue } from './message.ts';
import type { TemplateName } from './templates.ts';

type Subscription = {
  readonly status: string;
  readonly planId: string;
  readonly quantity: number;
  readonly price: Money;
};

/** The fields that are read from events of subscriptions; each event has some of them. */
type SubscriptionData = {
  readonly subscription: Subscription;
  readonly trialEnd: Instant;
  readonly invoice: object | null;
  readonly category: DeclineCategory;
  readonly attempt: number;
  readonly retryAt: Instant | null;
  readonly channels: readonly Channel[];
  readonly change: { readonly at: Instant; readonly terms: { readonly plan: { readonly planId: string } } };
  readonly cancelAt: Instant;
  readonly pauseAt: Instant;
  readonly until: Instant | null;
  readonly reason: string;
};

type Rule<Data> = {
  /** Every template that an event of this type may choose. */
  readonly templates: readonly TemplateName[];
  readonly choose: (data: Data, at: Instant) => Message | undefined;
};

const plan = ({ subscription }: SubscriptionData): { readonly plan: PlaceholderValue } => ({ plan: { planId: subscription.planId } });

const planMessage = (
  template: TemplateName,
  valuesOf: (data: SubscriptionData) => Message['values'] = () => ({}),
): Rule<SubscriptionData> => ({
  templates: [template],
  choose: (data) => ({ template, values: { ...plan(data), ...valuesOf(data) } }),
});

/**
 * A subscription billed in arrears becomes active without a payment. Any other start is announced
 * by `subscription.activated`.
 */
const started = (data: SubscriptionData): Message | undefined =>
  data.invoice === null ? { template: 'activated', values: plan(data) } : undefined;

/**
 * The message about a failed payment depends on the remedy that the customer has. The app itself
 * shows a failure of the first payment of a new subscription.
 */
function paymentFailed(data: SubscriptionData): Message | undefined {
  if (data.subscription.status.startsWith('incomplete')) return undefined;
  const failed = { required: true, dunning: 'payment-failed', attempt: data.attempt } as const;
  if (data.category === 'action-required') return { template: 'payment-failed.confirm', values: plan(data), ...failed };
  if (data.category === 'expired-card') return { template: 'payment-failed.expired-card', values: plan(data), ...failed };
  if (data.retryAt === null) return { template: 'payment-failed.new-method', values: plan(data), ...failed };
  return { template: 'payment-failed.retry', values: { ...plan(data), retryDay: { day: data.retryAt } }, ...failed };
}

function ended(data: SubscriptionData): Message | undefined {
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
function paidWithoutMoney(invoice: InvoiceResource & { readonly creditGranted?: number }, at: Instant): Message | undefined {
  const { number, currency, total, status, creditGranted = 0 } = invoice;
  if (creditGranted > 0)
    return { template: 'credit-granted', values: { number, credit: { amount: creditGranted, currency } }, required: true };
  return status === 'paid' && total > 0 ? receipt(invoice, at) : undefined;
}

const subscriptionRules: Readonly<Record<string, Rule<SubscriptionData>>> = {
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
};

const invoiceRules: Readonly<Record<string, Rule<InvoiceResource>>> = {
  'invoice.paid': { templates: ['receipt', 'receipt.with-credit'], choose: receipt },
  'invoice.finalised': { templates: ['receipt.credit', 'credit-granted'], choose: paidWithoutMoney },
};

type CardExpiring = { readonly card: { readonly last4: string }; readonly expiresAt: Instant; readonly nextBillingAt: Instant };

/**
 * Sent before a payment fails. The last day of the card is named by its noon in UTC, which is the
 * same date in nearly all time zones.
 */
const cardExpiring = ({ card: { last4 }, expiresAt, nextBillingAt }: CardExpiring): Message => ({
  template: 'card-expiring',
  values: { last4, lastDay: { day: plusMillis(expiresAt, -halfDayMillis) }, renewalDay: { day: nextBillingAt } },
});

const halfDayMillis = 12 * 3_600_000;

const customerRules: Readonly<Record<string, Rule<CardExpiring>>> = {
  'customer.payment-method-expiring': { templates: ['card-expiring'], choose: cardExpiring },
};

const rules = { ...subscriptionRules, ...invoiceRules, ...customerRules } as Readonly<Record<string, Rule<unknown>>>;

/** The event types that can cause a message to a customer. */
export const notifiedTypes: readonly string[] = Object.keys(rules);

/**
 * The message about an event; undefined for an event that is no concern of the customer, or whose
 * fact another event announces.
 */
export const messageOf = (event: MarqueeEvent): Message | undefined => rules[event.type]?.choose(event.data, event.time);

/** The templates of an event type; undefined for one that causes no message. */
export const templatesFor = (type: string): readonly TemplateName[] | undefined => rules[type]?.templates;
