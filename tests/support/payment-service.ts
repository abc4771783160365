import type { ExecutionContext } from 'ava';
import type { Connection } from 'mongoose';
import { createSimulatedGateway } from '../../services/payment/gateways/simulated/simulated-gateway.ts';
import { createPaymentService } from '../../services/payment/index.ts';
import type { Config } from '../../services/shared/config.ts';
import type { PaymentResource } from '../../services/shared/contracts/payment-resource.ts';
import type { MarqueeEvent } from '../../services/shared/events.ts';
import type { Invoke, Platform, Service } from '../../services/shared/service.ts';
import { indexesReady, startDocuments } from './documents.ts';
import { invoiceFinalised, noon, paymentMethods } from './money-events.ts';
import { partialEvent } from './partial-event.ts';
import { testPlatform } from './platform.ts';
import { deliver, request } from './service.ts';
import { until } from './wait-until.ts';

/** The payment of `inv_sub_1_1`. */
export const paymentId = 'pay_inv_sub_1_1';

export type Published = MarqueeEvent<'payment.*'>[];
type Setting = {
  readonly tokens?: readonly string[];
  readonly invoke?: Invoke;
  readonly publish?: Platform['publish'];
  readonly latency?: number;
  readonly config?: Partial<Config>;
  readonly observe?: Platform['observeGateway'];
};

/**
 * A payment service over its own documents, and how to start another process of it on the same
 * ones.
 */
export async function paymentOf(
  t: ExecutionContext,
  { tokens = ['tok_ok'], invoke = accountWith(tokens), publish, config, observe }: Setting = {},
) {
  const documents = await startDocuments(t);
  const published: Published = [];
  let now = noon;
  const platform = (connection: Connection, publishing = publish) => ({
    ...testPlatform({
      documents: connection,
      published: published as MarqueeEvent[],
      now: () => now,
      invoke,
      ...(config && { config }),
      ...(publishing && { publish: publishing }),
    }),
    ...(observe && { observeGateway: observe }),
  });
  const begin = async (connection: Connection, publishing = publish): Promise<Service> => {
    const service = createPaymentService(platform(connection, publishing));
    await indexesReady(connection);
    await service.start?.();
    t.teardown(() => service.stop?.());
    return service;
  };
  const service = await begin(documents);
  if (tokens.length > 0) await deliver(service, paymentMethods(tokens));
  return {
    service,
    published,
    documents,
    gateway: createSimulatedGateway(documents.useDb(documents.name)),
    anotherProcess: (publishing?: Platform['publish']) =>
      begin(documents.useDb(documents.name), publishing ?? (async (events) => void published.push(...(events as Published)))),
    setNow: (instant: string) => {
      now = instant;
    },
  };
}

/** A payment of 17.99 that has succeeded, and its intent at the gateway. */
export async function paidWith(t: ExecutionContext, token: string, setting: Setting = {}) {
  const parts = await paymentOf(t, { tokens: [token], ...setting });
  await deliver(parts.service, invoiceFinalised());
  await settledAs(parts.service, 'succeeded');
  const [charge] = await parts.gateway.ledger();
  return { ...parts, intentId: charge?.intentId ?? '' };
}

/** The account service, which returns the payment methods of a customer. */
export function accountWith(tokens: readonly string[]): Invoke {
  const { paymentMethods: methods } = paymentMethods(tokens).data;
  return async (service, _method, path) => {
    if (service === 'account') return { customer: { id: 'cus_1', country: 'DE' }, paymentMethods: methods };
    throw new Error(`nobody answers ${service} ${path}`);
  };
}

/** A broker that accepts no event until it is opened, so that outcomes stay unpublished. */
export function pausedBroker() {
  const published: Published = [];
  const { promise: opened, resolve: open } = Promise.withResolvers<void>();
  const publish = async (events: readonly MarqueeEvent[]): Promise<void> => {
    await opened;
    published.push(...(events as Published));
  };
  return { open, published, publish };
}

export const payment = async (service: Service) =>
  (await request(service, 'get', `/v1/payments/${paymentId}`)).body as unknown as PaymentResource;
export const settledAs = (service: Service, status: PaymentResource['status'], attempt = 1) =>
  until(async () => {
    const seen = await payment(service);
    return seen.status === status && seen.attempt === attempt;
  });

/** `subscription.retry-due` of the invoice of `paymentId`. */
export const retryDue = (attempt: number, time = noon): MarqueeEvent<'subscription.retry-due'> =>
  partialEvent({
    type: 'subscription.retry-due',
    subject: 'sub_1',
    sequence: 10 + attempt,
    time,
    customerId: 'cus_1',
    testClock: null,
    data: { subscription: { id: 'sub_1' }, invoiceId: 'inv_sub_1_1', attempt },
  });
