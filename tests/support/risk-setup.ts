import type { ExecutionContext } from 'ava';
import type { SubscriptionClient } from '../../actors/subscription/client.ts';
import { createAccountService } from '../../services/account/index.ts';
import { createDunningService } from '../../services/dunning/index.ts';
import { createSecurityService } from '../../services/security/index.ts';
import { inTime } from '../../services/shared/in-time.ts';
import type { Invoke, Service } from '../../services/shared/service.ts';
import { type Instant, instantOfMillis } from '../../services/shared/time.ts';
import { planRoutes } from '../../services/subscription/catalogue/plan-routes.ts';
import { createStart } from '../../services/subscription/start.ts';
import { openStore } from '../../services/subscription/store.ts';
import { subscriptionRoutes } from '../../services/subscription/subscription-routes.ts';
import { callRoutes } from './call-route.ts';
import { indexesReady, startDocuments } from './documents.ts';
import { partialEvent } from './partial-event.ts';
import { testPlatform } from './platform.ts';
import { deliver } from './service.ts';
import { subscriptionsInMemory } from './subscriptions-in-memory.ts';

const month = { unit: 'month', count: 1 } as const;

/** The response of the security service, where a test replaces it. */
export type Security = { response?: () => Promise<unknown> };

/**
 * The real account, subscription, dunning and security services on real documents, with their calls
 * handed over in process; actors decide in memory. `time.now` is the time, `security.answer`
 * replaces a security service that is unavailable or sends unreadable responses.
 */
export async function riskSetup(t: ExecutionContext, rules: object = {}, riskPatience = 60_000) {
  const documents = await startDocuments(t);
  const time: { now: Instant } = { now: '2026-03-10T12:00:00.000Z' };
  const security: Security = {};
  const observed: string[] = [];
  const services = new Map<string, Service>();
  const invoke: Invoke = async (name, method, path, body, { withinMillis = 5_000 } = {}) => {
    if (name === 'security' && security.response) return inTime(security.response(), withinMillis, () => new Error('no response in time'));
    if (path === 'customers/cus_ada/payment-methods') return verdictOn(body as { token: string });
    const { status, body: response } = await callRoutes(services.get(name)?.internal ?? [])(method, `/${path}`, { body });
    if (status === 404) return undefined;
    if (status >= 300) throw new Error(`${name} answered ${status}`);
    return response;
  };
  const platform = {
    ...testPlatform({ documents, published: [], invoke, now: () => time.now, config: { riskPatience } }),
    observeRisk: (kind: string, verdict: string) => void observed.push(`${kind} ${verdict}`),
  };
  for (const create of [createAccountService, createDunningService, createSecurityService]) {
    const service = create(platform);
    services.set(service.name, service);
  }
  const store = openStore(documents);
  const client = subscriptionsInMemory(() => time.now) as unknown as SubscriptionClient;
  const start = createStart(platform, store, client);
  const routes = [...planRoutes(store.plans, store.products, platform), ...subscriptionRoutes(store, client, start)];
  const callApi = callRoutes([...routes, ...[...services.values()].flatMap((service) => service.routes)]);
  await indexesReady(documents);
  if (Object.keys(rules).length > 0) await callApi('put', '/v1/risk/rules', { body: rules });
  await callApi('post', '/v1/plans', {
    body: { id: 'plan_basic', name: { en: 'Basic' }, trialDays: 30, prices: [{ currency: 'EUR', amount: 999, interval: month }] },
  });

  /** The audit trail receives the event of a started subscription. */
  const deliverStarted = async (subscriptionId: string): Promise<void> => {
    const created = partialEvent({ type: 'subscription.created', subject: subscriptionId, time: time.now, customerId: '', data: {} });
    await deliver(services.get('security') as Service, created);
  };
  const customer = async (id: string, fields: object = {}, token?: string) => {
    const person = { id, email: `${id}@example.com`, name: id, country: 'DE', currency: 'EUR', ...fields };
    await callApi('post', '/v1/customers', { body: person });
    if (token !== undefined) await addCard(id, token);
  };
  const addCard = (id: string, token: string, more: object = {}) =>
    callApi('post', `/v1/customers/${id}/payment-methods`, { body: { gateway: 'simulated', token, ...more } });
  const startTrial = (customerId: string, more: object = {}) =>
    callApi('post', '/v1/subscriptions', { body: { customerId, planId: 'plan_basic', ...more } });
  const later = (days: number) => {
    time.now = instantOfMillis(Date.parse(time.now) + days * 86_400_000);
  };
  return { callApi, customer, addCard, startTrial, deliverStarted, security, observed, later, documents };
}

/** The card details that the gateway of payment returns. */
const verdictOn = ({ token }: { token: string }) =>
  token === 'pm_korean'
    ? { kind: 'verified', method: { token, type: 'card', card: cardOf('KP') } }
    : token === 'pm_french'
      ? { kind: 'verified', method: { token, type: 'card', card: cardOf('FR') } }
      : { kind: 'refused', code: 'stolen_card' };

const cardOf = (country: string) => ({ brand: 'visa', last4: '4242', expMonth: 12, expYear: 2030, fingerprint: `of ${country}`, country });
