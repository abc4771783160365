import type { Logger } from 'pino';
import type { CommandBody, SubscriptionClient } from '../../actors/subscription/client.ts';
import type { PaymentMethodsChanged } from '../shared/contracts/customer-resource.ts';
import type { InvoiceResource } from '../shared/contracts/invoice-resource.ts';
import type { PaymentResource } from '../shared/contracts/payment-resource.ts';
import type { MarqueeEvent } from '../shared/events.ts';
import { isId } from '../shared/ids.ts';
import { upsertAll } from '../shared/mongo.ts';
import type { Reaction } from '../shared/service.ts';
import { recordInReadModel } from './read-model.ts';
import type { Store } from './store.ts';
import type { ClockWalk } from './test-clocks/walk.ts';

type CreditNoteIssued = {
  readonly subscriptionId: string;
  readonly invoiceId: string;
  readonly returned: readonly { readonly planId: string | null; readonly amount: number }[];
};

type Outcome = { readonly subscriptionId: string; readonly body: CommandBody<'recordPayment'> };

/** What the subscription service does when something happened; `recordPayment` is the only way a payment gets back into its actor. */
export function subscriptionReactions(store: Store, client: SubscriptionClient, walk: ClockWalk, log: Logger): readonly Reaction[] {
  const record = async ({ subscriptionId, body }: Outcome): Promise<readonly string[]> => {
    const answer = await client.command(subscriptionId, 'recordPayment', body, { fromEvent: true });
    if (answer.ok) return answer.events;
    log.error({ subscriptionId, code: answer.rejection.code }, 'a payment outcome was refused by its subscription');
    return [];
  };
  const recordAll = async (outcomes: readonly Outcome[]) =>
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
        recordAll(events.filter(isSettledByItself).map(({ data }) => settledByItself(data))),
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
      handle: async (events: readonly MarqueeEvent<PaymentMethodsChanged>[]) => (await Promise.all(events.map(tellSubscriptions))).flat(),
    },
    {
      to: ['test-clock.*'],
      handle: async (events) => {
        await upsertAll(store.clocks, events.map(clockUpsert));
        for (const { type, data } of events)
          if (type === 'test-clock.advance-due') walk.begin(data.testClock.id, data.testClock.advancingTo);
      },
    },
  ];

  async function recordCreditNote({ subject, data }: MarqueeEvent<CreditNoteIssued>): Promise<readonly string[]> {
    const body = { creditNoteId: subject, invoiceId: data.invoiceId, returned: data.returned };
    const answer = await client.command(data.subscriptionId, 'recordCreditNote', body, { fromEvent: true });
    return answer.ok ? answer.events : [];
  }

  async function tellSubscriptions({ customerId, data }: MarqueeEvent<PaymentMethodsChanged>): Promise<readonly string[]> {
    const access = await store.access.findById(customerId).lean();
    const over = new Set(['cancelled', 'expired', 'incomplete-expired']);
    const live = Object.entries(access?.subscriptions ?? {}).filter(([, { status }]) => !over.has(status));
    const body = { available: data.paymentMethods.length > 0 };
    const answers = await Promise.all(live.map(([id]) => client.command(id, 'recordPaymentMethod', body, { fromEvent: true })));
    return answers.flatMap((answer) => (answer.ok ? answer.events : []));
  }
}

const paymentOutcome = ({ type, data }: MarqueeEvent<PaymentResource>): Outcome => ({
  subscriptionId: data.subscriptionId,
  body: {
    invoiceId: data.invoiceId,
    outcome: type.slice('payment.'.length) as Outcome['body']['outcome'],
    attempt: data.attempt,
    category: data.category,
    declineCode: data.declineCode,
  },
});

/** Nothing was due: account credit paid it all, or it came to zero; or money came beside the gateway. */
const isSettledByItself = ({ data: { status, amountDue, settlements = [] } }: MarqueeEvent<InvoiceResource>): boolean =>
  status === 'paid' && (amountDue === 0 || settlements.length > 0);

const settledByItself = ({ id, subscriptionId }: InvoiceResource): Outcome => ({
  subscriptionId,
  body: { invoiceId: id, outcome: 'succeeded', attempt: 1, category: null, declineCode: null },
});

const clockUpsert = ({ subject, sequence, data }: MarqueeEvent<{ testClock: { now: string; advancingTo: string | null } }>) => ({
  filter: { _id: subject, sequence: { $lt: sequence } },
  update: { $set: { now: data.testClock.now, target: data.testClock.advancingTo, sequence } },
});
