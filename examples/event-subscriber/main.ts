// Receives the events of Marquee through a Dapr sidecar of its own, and stores renewals. README.md
// says how both are started.
import { createServer, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';

const port = Number(process.env.APP_PORT ?? 3100);
const { APP_API_TOKEN } = process.env;

type Renewed = {
  readonly id: string;
  readonly time: string;
  readonly customerid: string;
  readonly data: { readonly subscription: { readonly id: string; readonly paidThrough: string } };
};
type Renewal = { readonly subscription: string; readonly customer: string; readonly at: string; readonly paidThrough: string };

/**
 * Renewals by the id of their event: delivery is at least once, so a repeat must change nothing. A
 * real program stores them in a database.
 */
const renewals = new Map<string, Renewal>();

/** The sidecar selects the events by type; events that match no rule never arrive here. */
const subscriptions = [
  { pubsubname: 'pubsub', topic: 'events', routes: { rules: [{ match: 'event.type == "subscription.renewed"', path: '/renewed' }] } },
];

function keep({ id, time, customerid, data: { subscription } }: Renewed): void {
  if (renewals.has(id)) return;
  renewals.set(id, { subscription: subscription.id, customer: customerid, at: time, paidThrough: subscription.paidThrough });
  console.log(`${subscription.id} of ${customerid} renewed, paid through ${subscription.paidThrough}`);
}

/**
 * Any status except 200 makes the sidecar deliver the event again: respond only after storing it.
 */
async function respondTo(request: IncomingMessage): Promise<{ readonly status: number; readonly body: unknown }> {
  if (request.method === 'GET' && request.url === '/renewals') return { status: 200, body: [...renewals.values()] };
  if (APP_API_TOKEN && request.headers['dapr-api-token'] !== APP_API_TOKEN) return { status: 401, body: {} };
  if (request.url === '/dapr/subscribe') return { status: 200, body: subscriptions };
  if (request.url === '/dapr/config') return { status: 200, body: {} };
  if (request.url !== '/renewed') return { status: 404, body: {} };
  keep((await json(request)) as Renewed);
  return { status: 200, body: { status: 'SUCCESS' } };
}

const server = createServer(async (request, response) => {
  const { status, body } = await respondTo(request).catch(() => ({ status: 500, body: {} }));
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
});
server.listen(port, '127.0.0.1', () => console.log(`Waiting for events on port ${port}`));
process.once('SIGTERM', () => server.close().closeAllConnections());
