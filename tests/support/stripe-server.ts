import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ExecutionContext } from 'ava';

/** Answers of Stripe's API by path; undefined is an outage of Stripe's. */
export type StripeAnswers = (path: string, query: URLSearchParams) => object | undefined;

/**
 * Answers as Stripe documents its objects, over real HTTP, where neither of the local Stripe
 * servers can: one remembers nothing, the other knows no disputes. Ends with the test.
 */
export async function serveStripe(t: ExecutionContext, answers: StripeAnswers): Promise<string> {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    const answer = answers(pathname.replace('/v1/', ''), searchParams);
    response.writeHead(answer === undefined ? 500 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer ?? { error: { type: 'api_error', message: 'away' } }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A page of a list, which goes on after the last of it where there is more. */
export const page = (data: readonly object[], hasMore = false) => ({ object: 'list', data, has_more: hasMore, url: '/v1/list' });
