import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ExecutionContext } from 'ava';

/** Responses of the Stripe API by path; undefined is an outage of Stripe. */
export type StripeAnswers = (path: string, query: URLSearchParams) => object | undefined;

/**
 * Responds with objects as Stripe documents them, over real HTTP, where neither of the local Stripe
 * servers can: one stores nothing, the other has no disputes. Ends with the test.
 */
export async function serveStripe(t: ExecutionContext, answers: StripeAnswers): Promise<string> {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    const reply = answers(pathname.replace('/v1/', ''), searchParams);
    response.writeHead(reply === undefined ? 500 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(reply ?? { error: { type: 'api_error', message: 'away' } }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A page of a list, which names the last object when there are more. */
export const page = (data: readonly object[], hasMore = false) => ({ object: 'list', data, has_more: hasMore, url: '/v1/list' });
