import type { Logger } from 'pino';
import type { CommandBody, SubscriptionClient } from '../../actors/subscription/client.ts';
import type { PaymentMethodsChanged } from '../shared/contracts/customer-resource.ts';
import type { InvoiceResource } from '../shared/contracts/invoice-resource.ts';
import type { PaymentResource } from '../shared/contracts/payment-resource.ts';
import type { MarqueeEvent } from '../shared/events.ts';
import { isId } from '../shared/ids.ts';
import { collectionOf, upsertAll } from '../shared/mongo.ts';
import type { Reaction } from '../shared/service.ts';
import { recordInReadModel } from './read-model.ts';
import type { Store } from './store.ts';
import type { ClockAdvance } from './test-clocks/advance.ts';

type CreditNoteIssued = {
  readonly subscriptionId: string;
  readonly invoiceId: string;
  readonly returned: readonly { readonly planId: string | null; readonly amount: number }[];
};

type PaymentOutcome = { readonly subscriptionId: string; readonly body: CommandBody<'recordPayment'> };

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
    log.error({ subscriptionId, code: result.rejection.code }, 'payment outcome refused by its subscription');
    return [];
  };
  const recordAll = async (outcomes: readonly PaymentOutcome[]) =>
    (await Promise.all(outcomes.filter(({ subscriptionId }) => isId('sub', subscriptionId)).map(record))).flat();

  return [
    { to: ['subscription.*'], handle: (events) => recordInReadModel(store, events) },
    {
      to: ['payment.succeeded', 'payment.declined', 'payment.action-required'],
      handle: (events: readonly MarqueeEvent<PaymentResource>[]) => recordAll(events.map(paymentOutcome)),
    },
    {
      to: ['invoice.finalised', 'invoice.paid'],
      handle: (events: readonly MarqueeEvent<InvoiceResource>[]) =>
        recordAll(events.filter(isPaidWithoutCharge).map(({ data }) => chargelessOutcome(data))),
    },
    {
      to: ['credit-note.issued'],
      handle: async (events: readonly MarqueeEvent<CreditNoteIssued>[]) => {
        const ofSubscriptions = events.filter(({ data }) => isId('sub', data.subscriptionId));
        return (await Promise.all(ofSubscriptions.map(recordCreditNote))).flat();
      },
    },
    {
      to: ['customer.payment-method-added', 'customer.payment-method-removed', 'customer.payment-method-updated'],
      handle: async (events: readonly MarqueeEvent<PaymentMethodsChanged>[]) => (await Promise.all(events.map(recordPaymentMethod))).flat(),
    },
    {
      to: ['test-clock.*'],
      handle: async (events) => {
        await upsertAll(store.clocks, events.map(clockUpsert));
        for (const { type, data } of events)
          if (type === 'test-clock.advance-due') clockAdvance.begin(data.testClock.id, data.testClock.advancingTo);
      },
    },
  ];

  async function recordCreditNote({ subject, data }: MarqueeEvent<CreditNoteIssued>): Promise<readonly string[]> {
    const body = { creditNoteId: subject, invoiceId: data.invoiceId, returned: data.returned };
    const result = await client.command(data.subscriptionId, 'recordCreditNote', body, { fromEvent: true });
    return result.ok ? result.events : [];
  }

  /** Every living subscription of the customer records whether a payment method exists. */
  async function recordPaymentMethod({ customerId, data }: MarqueeEvent<PaymentMethodsChanged>): Promise<readonly string[]> {
    const access = await collectionOf(store.access).findOne({ _id: customerId });
    const live = Object.entries(access?.subscriptions ?? {}).filter(([, { status }]) => !endedStatuses.has(status));
    const body = { available: data.paymentMethods.length > 0 };
    const results = await Promise.all(live.map(([id]) => client.command(id, 'recordPaymentMethod', body, { fromEvent: true })));
    return results.flatMap((result) => (result.ok ? result.events : []));
  }
}

const paymentOutcome = ({ type, data }: MarqueeEvent<PaymentResource>): PaymentOutcome => ({
  subscriptionId: data.subscriptionId,
  body: {
    invoiceId: data.invoiceId,
    outcome: type.slice('payment.'.length) as PaymentOutcome['body']['outcome'],
    attempt: data.attempt,
    category: data.category,
    declineCode: data.declineCode,
  },
});

/**
 * True where no charge paid the invoice: account credit or an offline payment did, or nothing was
 * due.
 */
const isPaidWithoutCharge = ({ data: { status, amountDue, settlements = [] } }: MarqueeEvent<InvoiceResource>): boolean =>
  status === 'paid' && (amountDue === 0 || settlements.length > 0);

const chargelessOutcome = ({ id, subscriptionId }: InvoiceResource): PaymentOutcome => ({
  subscriptionId,
  body: { invoiceId: id, outcome: 'succeeded', attempt: 1, category: null, declineCode: null },
});

const clockUpsert = ({ subject, sequence, data }: MarqueeEvent<{ testClock: { now: string; advancingTo: string | null } }>) => ({
  filter: { _id: subject, sequence: { $lt: sequence } },
  update: { $set: { now: data.testClock.now, target: data.testClock.advancingTo, sequence } },
});
