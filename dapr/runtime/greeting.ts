import type { Credentials } from './run/administrator.ts';

/** Facts about a running Marquee that an operator needs. */
export type Running = {
  readonly url: string;
  readonly sidecarUrl: string;
  readonly appId: string;
  readonly documents: string;
  readonly dataDir: string;
  /** An administrator's API key that lives as long as this run. */
  readonly localKey: string;
  /** The first administrator, whose password is shown once. */
  readonly administrator?: Credentials | undefined;
};

/**
 * The text that `npm start` prints once everything is ready. It ends with commands that can be
 * pasted as they are.
 */
export function greeting({ url, sidecarUrl, appId, documents, dataDir, localKey, administrator }: Running): string {
  const credentials = administrator && [
    `Administrator  ${administrator.email}`,
    `Password       ${administrator.password}   (shown only once)`,
  ];
  return [
    `Marquee runs at ${url}`,
    '',
    `API reference  ${url}/docs`,
    `Health         ${url}/readyz`,
    `Dapr sidecar   ${sidecarUrl}   app-id ${appId}`,
    `Documents      ${documents}`,
    `Data and logs  ${dataDir}`,
    ...(credentials ?? []),
    '',
    'Ctrl-C stops everything. In another terminal, `npm run demo` shows a year of a subscription in seconds.',
    'Your first subscription: a plan, a customer with a card, and the subscription, which is charged at once.',
    '',
    ...firstSubscription(url, localKey).map((command) => `  ${command}`),
  ].join('\n');
}

const plan = {
  id: 'plan_basic',
  name: { en: 'Basic' },
  prices: [{ currency: 'EUR', amount: 999, interval: { unit: 'month', count: 1 } }],
};
const customer = {
  id: 'cus_ada',
  email: 'ada@example.com',
  name: 'Ada',
  locale: 'en',
  country: 'DE',
  currency: 'EUR',
  timezone: 'Europe/Berlin',
};
const card = { gateway: 'simulated', token: 'tok_ok' };
const subscription = { customerId: customer.id, planId: plan.id };

/**
 * Three commands for a shell, each on one line: create a plan, a customer with a card, and a
 * subscription.
 */
export function firstSubscription(url: string, token: string): readonly string[] {
  const post = (path: string, body: object) =>
    `curl -sw '\\n' ${url}${path} -H 'Authorization: Bearer ${token}' -H 'Content-Type: application/json' -d '${JSON.stringify(body)}'`;
  return [
    post('/v1/plans', plan),
    `${post('/v1/customers', customer)} && ${post(`/v1/customers/${customer.id}/payment-methods`, card)}`,
    post('/v1/subscriptions', subscription),
  ];
}
