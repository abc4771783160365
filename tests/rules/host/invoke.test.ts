import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { callActor } from '../../../actors/host/actor-client.ts';
import { createInvoke } from '../../../services/host/invoke.ts';
import { isOutage } from '../../../services/host/outage.ts';
import { InvokeError } from '../../../services/shared/invoke-error.ts';
import { until } from '../../support/wait-until.ts';

/** Calls to a sidecar that responds so. */
async function invokeThrough(t: ExecutionContext, respond: RequestListener) {
  const server = createServer((request, response) => {
    if (request.url === '/v1.0/metadata') response.writeHead(200).end('{}');
    else respond(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close().closeAllConnections());
  const { port } = server.address() as AddressInfo;
  return createInvoke({ daprPort: port, daprToken: '', appIdOf: (service) => `marquee-${service}` });
}

const failureOf = async (t: ExecutionContext, call: Promise<unknown>) => {
  const error = await t.throwsAsync(call, { instanceOf: InvokeError });
  return { status: error.status, failure: error.failure, isOutage: isOutage(error) };
};

test('a call returns the body of the response, and undefined where there is nothing', async (t) => {
  const invoke = await invokeThrough(t, ({ url }, response) => {
    const found = url === '/v1.0/invoke/marquee-account/method/internal/account/customers/cus_1';
    response.writeHead(found ? 200 : 404).end(JSON.stringify({ id: 'cus_1' }));
  });

  t.deepEqual(await invoke('account', 'get', 'customers/cus_1'), { id: 'cus_1' });
  t.is(await invoke('account', 'get', 'customers/cus_2'), undefined);
});

test('an empty response of 200 is a failure, because an unavailable application can look so', async (t) => {
  const invoke = await invokeThrough(t, (_request, response) => response.writeHead(200).end());

  t.deepEqual(await failureOf(t, invoke('account', 'get', 'customers/cus_1')), { status: undefined, failure: 'empty', isOutage: true });
});

test('a service that does not respond in time is given up, and receives no further call while too many wait for it', async (t) => {
  let received = 0;
  const invoke = await invokeThrough(t, ({ url = '' }, response) => {
    if (url.endsWith('/first')) response.writeHead(200).end('{}');
    else received += 1;
  });
  await invoke('account', 'get', 'first');
  const late = () => failureOf(t, invoke('account', 'get', 'customers/cus_1', undefined, { withinMillis: 50 }));

  t.deepEqual(await late(), { status: undefined, failure: 'timed-out', isOutage: true });
  await Promise.all(Array.from({ length: 63 }, late));
  await until(async () => received === 64);
  t.deepEqual(await late(), { status: undefined, failure: 'timed-out', isOutage: true });

  t.is(received, 64);
});

test('a refusal has its status, and a connection that ends has none', async (t) => {
  const invoke = await invokeThrough(t, (_request, response) => response.writeHead(409).end('{"code":"nothing-to-retry"}'));
  const away = await invokeThrough(t, ({ socket }) => socket.destroy());

  t.deepEqual(await failureOf(t, invoke('subscription', 'post', 'x')), { status: 409, failure: 'refused', isOutage: false });
  t.deepEqual(await failureOf(t, away('subscription', 'post', 'x')), { status: undefined, failure: 'no-response', isOutage: true });
});

test('an empty response of an actor is a failure', async (t) => {
  const sidecar = {
    start: async () => ({ status: 200, text: '' }),
    within: async () => ({ status: 204, text: '' }),
    close: async () => {},
  };

  t.like(await failureOf(t, callActor(sidecar, 'Subscription', 'sub_1', 'get')), { failure: 'empty', isOutage: true });
});
