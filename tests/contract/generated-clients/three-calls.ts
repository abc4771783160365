// Compiled beside a generated client by generated-clients.test.ts: the three calls of the README.

import { client } from './client/client.gen.ts';
import { addPaymentMethod, createCustomer, createPlan, createSubscription } from './client/index.ts';

const [url = '', token = ''] = process.argv.slice(2);
client.setConfig({ baseUrl: url, auth: token, throwOnError: true });

await createPlan({
  body: { id: 'plan_typescript', name: { en: 'Basic' }, prices: [{ currency: 'EUR', amount: 999, interval: { unit: 'month', count: 1 } }] },
});
await createCustomer({
  body: {
    id: 'cus_typescript',
    email: 'ada@example.com',
    name: 'Ada',
    locale: 'en',
    country: 'DE',
    currency: 'EUR',
    timezone: 'Europe/Berlin',
  },
});
await addPaymentMethod({ path: { id: 'cus_typescript' }, body: { gateway: 'simulated', token: 'tok_ok' } });
const { data } = await createSubscription({ body: { customerId: 'cus_typescript', planId: 'plan_typescript' } });
console.log(JSON.stringify(data));
