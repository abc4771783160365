import type { ExecutionContext } from 'ava';
import type { SubscriptionClient } from '../../actors/subscription/client.ts';
import { createInvoicingService } from '../../services/invoicing/index.ts';
import { createSimulatedGateway } from '../../services/payment/gateways/simulated/simulated-gateway.ts';
import { createPaymentService } from '../../services/payment/index.ts';
import { createSecurityService } from '../../services/security/index.ts';
import type { PaymentResource } from '../../services/shared/contracts/payment-resource.ts';
import type { MarqueeEvent } from '../../services/shared/events.ts';
import type { Invoke, Service } from '../../services/shared/service.ts';
import { recordInReadModel } from '../../services/subscription/read-model.ts';
import { reconciliationRoutes } from '../../services/subscription/reconciliation.ts';
import { openStore } from '../../services/subscription/store.ts';
import { callRoutes } from './call-route.ts';
import { indexesReady, startDocuments } from './documents.ts';
import { customerCreated, noon, paymentMethods, renewalDue } from './money-events.ts';
import { accountWith } from './payment-service.ts';
import { testPlatform } from './platform.ts';
import { deliver, request } from './service.ts';
import { until } from './wait-until.ts';

/** Selects the deliveries that the broker loses. */
type Losing = (service: string, event: MarqueeEvent) => boolean;

// biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects
export type Report = { readonly status: string; readonly [field: string]: any };

export type Ledgers = Awaited<ReturnType<typeof ledgersOf>>;

/**
 * Payment, invoicing and the audit trail on one set of documents, with a broker between them that
 * can lose events. The subscriptions exist as rows of the read model; in place of their actors
 * stand the invoices that they requested and the events that they received.
 */
export async function ledgersOf(t: ExecutionContext, tokens: readonly string[] = ['tok_ok']) {
  const documents = await startDocuments(t);
  const services: Service[] = [];
  const published: MarqueeEvent[] = [];
  const subscriptions = openStore(documents);
  const received = new Map<string, string[]>();
  const requested = new Map<string, MarqueeEvent>();
  let now = noon;
  let losing: Losing = () => false;

  const receive = (event: MarqueeEvent): void => {
    if (event.type !== 'payment.succeeded' || losing('subscription', event)) return;
    const { subscriptionId, invoiceId } = event.data as PaymentResource;
    received.set(subscriptionId, [...(received.get(subscriptionId) ?? []), invoiceId]);
  };
  const publish = async (events: readonly MarqueeEvent[]): Promise<void> => {
    published.push(...events);
    events.forEach(receive);
    await Promise.all(services.map((service) => deliver(service, ...events.filter((event) => !losing(service.name, event)))));
  };
  const history = async (id: string) => ({
    ok: true,
    events: (received.get(id) ?? []).map((invoiceId) => ({ type: 'subscription.renewed', invoiceId })),
  });
  const tellAgain = async (id: string) => {
    await publish([requested.get(id) as MarqueeEvent]);
    return { ok: true, events: [] };
  };
  const ofSubscription = reconciliationRoutes(subscriptions, { history, republishInvoice: tellAgain } as unknown as SubscriptionClient);
  const invoke: Invoke = async (service, method, path, body) => {
    if (service === 'account') return accountWith(tokens)(service, method, path, body);
    const routes = service === 'subscription' ? ofSubscription : (services.find(({ name }) => name === service)?.internal ?? []);
    return (await callRoutes(routes)(method, `/${path}`, { body })).body;
  };
  const platform = () => testPlatform({ documents, published, publish, invoke, now: () => now });

  const begin = async (service: Service): Promise<Service> => {
    await indexesReady(documents);
    await service.start?.();
    t.teardown(() => service.stop?.());
    return service;
  };
  const invoicing = createInvoicingService(platform());
  const payment = createPaymentService(platform());
  services.push(await begin(invoicing), await begin(payment), await begin(createSecurityService(platform())));
  await publish([customerCreated(), paymentMethods(tokens)]);

  return {
    ...{ documents, published, payment, invoicing, platform },
    gateway: createSimulatedGateway(documents.useDb(documents.name)),
    lose: (lost: Losing) => {
      losing = lost;
    },
    setNow: (instant: string) => {
      now = instant;
    },
    /** Renews `sub_<n>`, whose payment is `pay_inv_sub_<n>_1`. */
    renew: async (n: number): Promise<void> => {
      const due = renewalDue({ subscriptionId: `sub_${n}` });
      requested.set(`sub_${n}`, due);
      await recordInReadModel(subscriptions, [due as never]);
      await publish([due]);
    },
    paid: (n: number) => until(async () => (await request(payment, 'get', `/v1/payments/pay_inv_sub_${n}_1`)).body.status === 'succeeded'),
    invoice: async (n: number) => (await request(invoicing, 'get', `/v1/invoices/inv_sub_${n}_1`)).body,
    /** The report of the day of `noon`, when it is complete. */
    reconcile: async (): Promise<Report> => {
      const { body } = await request(payment, 'post', '/v1/reconciliations', { body: { from: '2026-01-31', to: '2026-02-01' } });
      return reportOf(payment, String(body.id));
    },
    repair: (id: string, n: number) => request(payment, 'post', `/v1/reconciliations/${id}/differences/${n}/repair`),
    accept: (id: string, n: number, note: string) =>
      request(payment, 'post', `/v1/reconciliations/${id}/differences/${n}/accept`, { body: { note } }),
    audited: async (subject: string) => (await request(services[2] as Service, 'get', '/v1/audit', { query: { subject } })).body.data,
  };
}

/** The report of a reconciliation, when it is complete. */
export async function reportOf(payment: Service, id: string): Promise<Report> {
  const report = async () => (await request(payment, 'get', `/v1/reconciliations/${id}`)).body as unknown as Report;
  await until(async () => (await report()).status === 'done');
  return report();
}
