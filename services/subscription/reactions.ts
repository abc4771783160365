import type { Logger } from 'pino';
import type { CommandBody, SubscriptionClient } from '../../actors/subscription/client.ts';
import type { InvoiceResource } from '../shared/contracts/invoice-resource.ts';
import type { MarqueeEvent } from '../shared/events.ts';
import { isId } from '../shared/ids.ts';
import { collectionOf, upsertAll } from '../shared/mongo.ts';
import { type Reaction, reaction } from '../shared/reaction.ts';
import { recordInReadModel } from './read-model.ts';
import type { Store } from './store.ts';
import type { ClockAdvance } from './test-clocks/advance.ts';

type PaymentOutcome = { readonly subscriptionId: string; readonly body: CommandBody<'recordPayment'> };

const paymentMethodTypes = ['customer.payment-method-added', 'customer.payment-method-removed', 'customer.payment-method-updated'] as const;
type PaymentMethodType = (typeof paymentMethodTypes)[number];

const endedStatuses = new Set(['cancelled', 'expired', 'incomplete-expired']);

/**
 * The reactions to payments, invoices, credit notes, payment methods and test clocks.
 * `recordPayment` is the only way in which a payment returns to its actor.
 */
export function subscriptionReactions(
  store: Store,
  client: SubscriptionClient,
  clockAdvance: ClockAdvance,
  log: Logger,
): readonly Reaction[] {
  const record = async ({ subscriptionId, body }: PaymentOutcome): Promise<readonly string[]> => {
    const result = await client.command(subscriptionId, 'recordPayment', body, { fromEvent: true });
    if (result.ok) return result.events;
    // A subscription in quarantine keeps the outcome until it is released.
    const { code } = result.rejection;
    if (code === 'quarantined') log.warn({ subscriptionId, invoiceId: body.invoiceId }, 'payment outcome kept in quarantine');
    else log.error({ subscriptionId, code }, 'payment outcome refused by its subscription');
    return [];
  };
  const recordAll = async (outcomes: readonly PaymentOutcome[]) =>
    (await Promise.all(outcomes.filter(({ subscriptionId }) => isId('sub', subscriptionId)).map(record))).flat();

  return [
    reaction(['subscription.*'], (events) => recordInReadModel(store, events)),
    reaction(['payment.succeeded', 'payment.declined', 'payment.action-required'], (events) => recordAll(events.map(paymentOutcome))),
    reaction(['invoice.finalised', 'invoice.paid'], (events) =>
      recordAll(events.filter(isPaidWithoutCharge).map(({ data }) => chargelessOutcome(data))),
    ),
    reaction(['invoice.voided', 'invoice.marked-uncollectible'], async (events) => {
      const ofSubscriptions = events.filter(({ data }) => isId('sub', data.subscriptionId));
      return (await Promise.all(ofSubscriptions.map(recordInvoiceClosed))).flat();
    }),
    reaction(['credit-note.issued'], async (events) => {
      const ofSubscriptions = events.filter(({ data }) => isId('sub', data.subscriptionId));
      return (await Promise.all(ofSubscriptions.map(recordCreditNote))).flat();
    }),
    reaction(paymentMethodTypes, async (events) => (await Promise.all(events.map(recordPaymentMethod))).flat()),
    reaction(['test-clock.*'], async (events) => {
      await upsertAll(store.clocks, events.map(clockUpsert));
      for (const { type, data } of events) {
        const { id, advancingTo } = data.testClock;
        if (type === 'test-clock.advance-due' && advancingTo !== null) clockAdvance.begin(id, advancingTo);
      }
    }),
  ];

  /**
   * An operator may close an invoice at any time. Where the subscription itself has closed it when
   * it ended, the actor does not change.
   */
  async function recordInvoiceClosed({ type, data }: MarqueeEvent<'invoice.voided' | 'invoice.marked-uncollectible'>) {
    const body = { invoiceId: data.id, as: type === 'invoice.voided' ? 'void' : 'uncollectible' } as const;
    const result = await client.command(data.subscriptionId, 'recordInvoiceClosed', body, { fromEvent: true });
    return result.ok ? result.events : [];
  }

  async function recordCreditNote({ subject, data }: MarqueeEvent<'credit-note.issued'>): Promise<readonly string[]> {
    const body = { creditNoteId: subject, invoiceId: data.invoiceId, returned: data.returned };
    const result = await client.command(data.subscriptionId, 'recordCreditNote', body, { fromEvent: true });
    return result.ok ? result.events : [];
  }

  /** Every living subscription of the customer records whether a payment method exists. */
  async function recordPaymentMethod({ customerId, sequence, data }: MarqueeEvent<PaymentMethodType>): Promise<readonly string[]> {
    const access = await collectionOf(store.access).findOne({ _id: customerId });
    const live = Object.entries(access?.subscriptions ?? {}).filter(([, { status }]) => !endedStatuses.has(status));
    const body = { available: data.paymentMethods.length > 0, customerSequence: sequence };
    const results = await Promise.all(live.map(([id]) => client.command(id, 'recordPaymentMethod', body, { fromEvent: true })));
    return results.flatMap((result) => (result.ok ? result.events : []));
  }
}

const outcomes = {
  'payment.succeeded': 'succeeded',
  'payment.declined': 'declined',
  'payment.action-required': 'action-required',
} as const;

const paymentOutcome = ({ type, data }: MarqueeEvent<keyof typeof outcomes>): PaymentOutcome => ({
  subscriptionId: data.subscriptionId,
  body: {
    invoiceId: data.invoiceId,
    outcome: outcomes[type],
    attempt: data.attempt,
    category: data.category,
    declineCode: data.declineCode,
  },
});

/**
 * True where no charge paid the invoice: account credit or an offline payment did, or nothing was
 * due.
 */
const isPaidWithoutCharge = ({ data: { status, amountDue, settlements = [] } }: MarqueeEvent<'invoice.*'>): boolean =>
  status === 'paid' && (amountDue === 0 || settlements.length > 0);

const chargelessOutcome = ({ id, subscriptionId }: InvoiceResource): PaymentOutcome => ({
  subscriptionId,
  body: { invoiceId: id, outcome: 'succeeded', attempt: 1, category: null, declineCode: null },
});

const clockUpsert = ({ subject, sequence, data }: MarqueeEvent<'test-clock.*'>) => ({
  filter: { _id: subject, sequence: { $lt: sequence } },
  update: { $set: { now: data.testClock.now, target: data.testClock.advancingTo, sequence } },
});
