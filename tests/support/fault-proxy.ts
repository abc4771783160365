import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';

/** The faults of a connection to a gateway. */
export const faults = [
  /** The request never arrives, and the caller gets no response. */
  'timeout-before',
  /** The request is executed, and its response never arrives. */
  'timeout-after',
  /** The request is executed, and its response is a 500. */
  'executed-500',
  /** The request is executed, and refused because the same key is being executed. */
  'conflict',
  /** The request is executed, and the connection breaks in the middle of the response. */
  'reset',
  /** The request arrives after 30 s, when its caller has given up and repeated it. */
  'slow',
] as const;
export type Fault = (typeof faults)[number];

const slowMillis = 30_000;

type Forwarded = { readonly status: number; readonly body: Buffer };
type Request = { readonly method: string; readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: Buffer };

export type FaultProxy = Awaited<ReturnType<typeof startFaultProxy>>;

/**
 * An HTTP proxy before a gateway that applies the next fault of `plan` to each request that changes
 * something, and none after the last. `onRequest` is called for each before anything else happens.
 */
export async function startFaultProxy(gatewayPort: number, plan: Fault[], onRequest: (count: number) => void) {
  const met: Fault[] = [];
  const underWay = new Set<Promise<unknown>>();
  let count = 0;

  const forward = async ({ method, path, headers, body }: Request): Promise<Forwarded> => {
    const { host: _host, connection: _connection, 'content-length': _length, 'transfer-encoding': _encoding, ...rest } = headers;
    const content = body.length > 0 ? { body: new Uint8Array(body) } : {};
    const answer = await fetch(`http://127.0.0.1:${gatewayPort}${path}`, { method, headers: rest as Record<string, string>, ...content });
    return { status: answer.status, body: Buffer.from(await answer.arrayBuffer()) };
  };

  const faulty: Readonly<Record<Fault, (request: Request, response: ServerResponse) => Promise<void>>> = {
    'timeout-before': async () => {},
    'timeout-after': async (request) => void (await forward(request)),
    'executed-500': async (request, response) => {
      await forward(request);
      reply(response, { status: 500, body: Buffer.from('{"error":{"type":"api_error","message":"oops"}}') });
    },
    conflict: async (request, response) => {
      await forward(request);
      const error = { type: 'invalid_request_error', code: 'idempotency_key_in_use', message: 'in use' };
      reply(response, { status: 409, body: Buffer.from(JSON.stringify({ error })) });
    },
    reset: async (request, response) => {
      const { status, body } = await forward(request);
      response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length });
      response.write(body.subarray(0, body.length / 2), () => response.destroy());
    },
    slow: async (request, response) => {
      await pause(slowMillis);
      reply(response, await forward(request));
    },
  };

  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = 'GET', url: path = '/', headers } = incoming;
    const request = { method, path, headers, body: await buffer(incoming) };
    if (method === 'POST') onRequest(++count);
    const fault = method === 'POST' ? plan.shift() : undefined;
    if (fault === undefined) return reply(response, await forward(request));
    met.push(fault);
    await faulty[fault](request, response);
  };

  const server = createServer((incoming, response) => {
    const served = serve(incoming, response)
      // The caller may be gone, killed during the request.
      .catch(() => response.destroy())
      .finally(() => underWay.delete(served));
    underWay.add(served);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    met: met as readonly Fault[],
    /** Resolves when no request is on its way to the gateway, however late it is. */
    quiet: async () => void (await Promise.all(underWay)),
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const reply = (response: ServerResponse, { status, body }: Forwarded): void =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(body);

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Every fault the same number of times, in an order that the seed decides. */
export function shuffledFaults(times: number, random: () => number): Fault[] {
  const all = faults.flatMap((fault) => Array.from({ length: times }, () => ({ fault, place: random() })));
  return all.sort((one, other) => one.place - other.place).map(({ fault }) => fault);
}
