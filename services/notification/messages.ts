import type { InvoiceResource } from '../shared/contracts/invoice-resource.ts';
import type { DeclineCategory } from '../shared/contracts/payment-resource.ts';
import type { MarqueeEvent } from '../shared/events.ts';
import type { Money } from '../shared/money.ts';
import { type Instant, plusMillis } from '../shared/time.ts';
import type { Channel, Message, Value } from './message.ts';
import type { TemplateName } from './templates.ts';

type Subscription = {
  readonly status: string;
  readonly planId: string;
  readonly quantity: number;
  readonly price: Money;
};

/** What is read of a subscription's events; each carries some of it. */
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

const plan = ({ subscription }: SubscriptionData): { readonly plan: Value } => ({ plan: { planId: subscription.planId } });

const about = (template: TemplateName, valuesOf: (data: SubscriptionData) => Message['values'] = () => ({})): Rule<SubscriptionData> => ({
  templates: [template],
  choose: (data) => ({ template, values: { ...plan(data), ...valuesOf(data) } }),
});

/** Who is billed in arrears is active without a payment; everybody else hears of it by their first one. */
const started = (data: SubscriptionData): Message | undefined =>
  data.invoice === null ? { template: 'activated', values: plan(data) } : undefined;

/** How a failed payment is put, by what the customer can do about it. The first payment of a new subscription is told by the app. */
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

/** One receipt a paid invoice, whether money, credit or both paid it. */
function receipt(invoice: InvoiceResource, paidAt: Instant): Message {
  const { number, currency, lines, total, creditApplied } = invoice;
  const items = [...new Set(lines.filter(({ amount }) => amount > 0).map(({ description }) => description))].join(', ');
  const values = { number, items, total: { amount: total, currency }, paidDay: { day: paidAt } };
  if (creditApplied === 0) return { template: 'receipt', values, required: true };
  const withCredit = { ...values, credit: { amount: creditApplied, currency } };
  if (creditApplied === total) return { template: 'receipt.credit', values: withCredit, required: true };
  return { template: 'receipt.with-credit', values: { ...withCredit, paid: { amount: total - creditApplied, currency } }, required: true };
}

/** An invoice that asks for no money: account credit paid it, or it granted some. An open one is told of when it is paid. */
function settledWithoutMoney(invoice: InvoiceResource & { readonly creditGranted?: number }, at: Instant): Message | undefined {
  const { number, currency, total, status, creditGranted = 0 } = invoice;
  if (creditGranted > 0)
    return { template: 'credit-granted', values: { number, credit: { amount: creditGranted, currency } }, required: true };
  return status === 'paid' && total > 0 ? receipt(invoice, at) : undefined;
}

const subscriptionRules: Readonly<Record<string, Rule<SubscriptionData>>> = {
  'subscription.trial-started': about('trial-started', ({ trialEnd, subscription: { price, quantity } }) => ({
    trialEnd: { day: trialEnd },
    price: { amount: price.amount * quantity, currency: price.currency },
  })),
  'subscription.activated': about('activated'),
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
  'subscription.changed': about('changed'),
  'subscription.change-scheduled': about('change-scheduled', ({ change: { at, terms } }) => ({
    newPlan: { planId: terms.plan.planId },
    changeDay: { day: at },
  })),
  'subscription.cancellation-scheduled': about('cancellation-scheduled', ({ cancelAt }) => ({ endDay: { day: cancelAt } })),
  'subscription.cancellation-withdrawn': about('cancellation-withdrawn'),
  'subscription.pause-scheduled': about('pause-scheduled', ({ pauseAt }) => ({ pauseDay: { day: pauseAt } })),
  'subscription.paused': {
    templates: ['paused', 'paused.until'],
    choose: (data) =>
      data.until === null
        ? { template: 'paused', values: plan(data) }
        : { template: 'paused.until', values: { ...plan(data), resumeDay: { day: data.until } } },
  },
  'subscription.resumed': about('resumed'),
  'subscription.ended': { templates: ['ended', 'ended.payment-failed', 'ended.trial'], choose: ended },
};

const invoiceRules: Readonly<Record<string, Rule<InvoiceResource>>> = {
  'invoice.paid': { templates: ['receipt', 'receipt.with-credit'], choose: receipt },
  'invoice.finalised': { templates: ['receipt.credit', 'credit-granted'], choose: settledWithoutMoney },
};

type CardExpiring = { readonly card: { readonly last4: string }; readonly expiresAt: Instant; readonly nextBillingAt: Instant };

/** Before a payment fails: the last day of the card is told by the middle of it, which is that day nearly everywhere. */
const cardExpiring = ({ card: { last4 }, expiresAt, nextBillingAt }: CardExpiring): Message => ({
  template: 'card-expiring',
  values: { last4, lastDay: { day: plusMillis(expiresAt, -halfDayMillis) }, renewalDay: { day: nextBillingAt } },
});

const halfDayMillis = 12 * 3_600_000;

const customerRules: Readonly<Record<string, Rule<CardExpiring>>> = {
  'customer.payment-method-expiring': { templates: ['card-expiring'], choose: cardExpiring },
};

const rules = { ...subscriptionRules, ...invoiceRules, ...customerRules } as Readonly<Record<string, Rule<unknown>>>;

/** The events a customer hears of. */
export const toldTypes: readonly string[] = Object.keys(rules);

/** What a customer is to be told of an event; nothing where another event tells the same fact, or it is none of theirs. */
export const messageOf = (event: MarqueeEvent): Message | undefined => rules[event.type]?.choose(event.data, event.time);

/** Which templates an event type may choose; undefined for one that customers do not hear of. */
export const templatesFor = (type: string): readonly TemplateName[] | undefined => rules[type]?.templates;
