import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A response as the library of Stripe reads it. */
type Reply = { readonly status: number; readonly body: object };
type SentRequest = { readonly id: string; readonly fields: URLSearchParams };

type Intent = {
  readonly id: string;
  readonly object: 'payment_intent';
  readonly amount: number;
  readonly currency: string;
  readonly customer: string;
  readonly metadata: { readonly reference: string };
  readonly client_secret: string;
  status: 'succeeded' | 'requires_payment_method' | 'canceled';
};
export type Charge = {
  readonly id: string;
  readonly created: number;
  readonly amount: number;
  readonly currency: string;
  readonly status: 'succeeded';
  readonly payment_intent: Intent;
  amount_refunded: number;
};
type Refund = {
  readonly id: string;
  readonly created: number;
  readonly amount: number;
  readonly currency: string;
  readonly status: 'succeeded';
  readonly payment_intent: Intent;
  readonly metadata: { readonly reference: string };
};

export type RecordingGateway = Awaited<ReturnType<typeof startRecordingGateway>>;

const failure = (status: number, error: object): Reply => ({ status, body: { error } });
const missing = failure(404, { type: 'invalid_request_error', code: 'resource_missing', message: 'No such object' });
const listOf = (rows: readonly object[]): Reply => ({ status: 200, body: { object: 'list', data: rows, has_more: false } });
const now = (): number => Math.floor(Date.now() / 1000);

/**
 * A gateway that responds like Stripe to the requests of Marquee, with a ledger and working
 * idempotency keys: the same key and parameters get the stored response. A method `pm_poor_...` is
 * declined. It belongs to the test, so that its charges outlive the host.
 */
export async function startRecordingGateway() {
  const intents = new Map<string, Intent>();
  const charges: Charge[] = [];
  const refunds: Refund[] = [];
  const owners = new Map<string, string>();
  const stored = new Map<string, { readonly request: string; readonly reply: Reply }>();
  let made = 0;
  const newId = (prefix: string): string => `${prefix}_${++made}`;

  const confirm = (intent: Intent, method: string | null): Reply => {
    if (intent.status !== 'requires_payment_method') return { status: 200, body: intent };
    if (method?.startsWith('pm_poor')) {
      const declined = { type: 'card_error', code: 'card_declined', decline_code: 'insufficient_funds', message: 'declined' };
      return failure(402, { ...declined, payment_intent: { ...intent, last_payment_error: declined } });
    }
    intent.status = 'succeeded';
    const { amount, currency } = intent;
    charges.push({ id: newId('ch'), created: now(), amount, currency, status: 'succeeded', payment_intent: intent, amount_refunded: 0 });
    return { status: 200, body: intent };
  };

  const createIntent = ({ fields }: SentRequest): Reply => {
    const id = newId('pi');
    const intent: Intent = {
      ...{ id, object: 'payment_intent', amount: Number(fields.get('amount')), currency: fields.get('currency') ?? '' },
      ...{ customer: fields.get('customer') ?? '', metadata: { reference: fields.get('metadata[reference]') ?? '' } },
      ...{ client_secret: `${id}_secret`, status: 'requires_payment_method' },
    };
    intents.set(id, intent);
    return confirm(intent, fields.get('payment_method'));
  };

  const refund = ({ fields }: SentRequest): Reply => {
    const charge = charges.find(({ payment_intent: { id } }) => id === fields.get('payment_intent'));
    const amount = Number(fields.get('amount'));
    if (!charge) return missing;
    if (charge.amount_refunded + amount > charge.amount) return failure(400, { type: 'invalid_request_error', param: 'amount' });
    charge.amount_refunded += amount;
    const { currency, payment_intent } = charge;
    const metadata = { reference: fields.get('metadata[reference]') ?? '' };
    const made: Refund = { id: newId('re'), created: now(), amount, currency, status: 'succeeded', payment_intent, metadata };
    refunds.push(made);
    return { status: 200, body: made };
  };

  const method = (id: string) => ({
    ...{ id, object: 'payment_method', type: 'card', customer: owners.get(id) ?? null },
    card: { brand: 'visa', last4: '4242', exp_month: 12, exp_year: 2040, fingerprint: id },
  });
  const attach = ({ id, fields }: SentRequest): Reply => {
    owners.set(id, fields.get('customer') ?? '');
    return { status: 200, body: method(id) };
  };
  const cancel = (intent: Intent): Reply => {
    if (intent.status === 'requires_payment_method') intent.status = 'canceled';
    return { status: 200, body: intent };
  };
  const withIntent = (id: string, act: (intent: Intent) => Reply): Reply => {
    const intent = intents.get(id);
    return intent ? act(intent) : missing;
  };
  const inPeriod = ({ created }: { readonly created: number }, fields: URLSearchParams) =>
    created >= Number(fields.get('created[gte]')) && created < Number(fields.get('created[lt]') ?? Number.POSITIVE_INFINITY);

  const routes: readonly (readonly [RegExp, (request: SentRequest) => Reply])[] = [
    [/^POST \/v1\/customers$/, () => ({ status: 200, body: { id: newId('cus'), object: 'customer' } })],
    [/^GET \/v1\/payment_methods\/([^/]+)$/, ({ id }) => ({ status: 200, body: method(id) })],
    [/^POST \/v1\/payment_methods\/([^/]+)\/attach$/, attach],
    [/^POST \/v1\/payment_intents$/, createIntent],
    [
      /^GET \/v1\/payment_intents$/,
      ({ fields }) => listOf([...intents.values()].filter(({ customer }) => customer === fields.get('customer'))),
    ],
    [/^GET \/v1\/payment_intents\/([^/]+)$/, ({ id }) => withIntent(id, (body) => ({ status: 200, body }))],
    [
      /^POST \/v1\/payment_intents\/([^/]+)\/confirm$/,
      ({ id, fields }) => withIntent(id, (intent) => confirm(intent, fields.get('payment_method'))),
    ],
    [/^POST \/v1\/payment_intents\/([^/]+)\/cancel$/, ({ id }) => withIntent(id, cancel)],
    [/^POST \/v1\/refunds$/, refund],
    [
      /^GET \/v1\/refunds$/,
      ({ fields }) => {
        const intent = fields.get('payment_intent');
        return listOf(refunds.filter((made) => (intent === null ? inPeriod(made, fields) : made.payment_intent.id === intent)));
      },
    ],
    [
      /^GET \/v1\/refunds\/([^/]+)$/,
      ({ id }) => {
        const body = refunds.find((made) => made.id === id);
        return body ? { status: 200, body } : missing;
      },
    ],
    [/^GET \/v1\/charges$/, ({ fields }) => listOf(charges.filter((charge) => inPeriod(charge, fields)))],
  ];

  const execute = (request: string, fields: URLSearchParams): Reply => {
    for (const [pattern, reply] of routes) {
      const match = pattern.exec(request);
      if (match) return reply({ id: match[1] ?? '', fields });
    }
    return failure(404, { type: 'invalid_request_error', message: `Unrecognized request ${request}` });
  };

  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://gateway');
    const sent = await text(incoming);
    const request = `${incoming.method} ${pathname}`;
    const key = incoming.headers['idempotency-key'];
    const known = typeof key === 'string' ? stored.get(key) : undefined;
    const reused = failure(400, { type: 'idempotency_error', message: `the key ${key} came with other parameters` });
    const same = known && (known.request === request + sent ? known.reply : reused);
    const reply = same ?? execute(request, incoming.method === 'POST' ? new URLSearchParams(sent) : searchParams);
    // The stored response is a copy, so that later changes of the object do not alter it.
    if (typeof key === 'string' && same === undefined) stored.set(key, { request: request + sent, reply: structuredClone(reply) });
    response.writeHead(reply.status, { 'content-type': 'application/json' }).end(JSON.stringify(reply.body));
  };

  const server = createServer((incoming, response) => void serve(incoming, response));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    port: (server.address() as AddressInfo).port,
    charges: charges as readonly Charge[],
    refunds: refunds as readonly Refund[],
    /** A day passes: every key is forgotten, and a repeated request would be executed again. */
    forgetKeys: () => stored.clear(),
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
