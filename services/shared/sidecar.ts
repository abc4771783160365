import { Pool } from 'undici';
import { currentTrace } from './context.ts';

export type SidecarAnswer = { readonly status: number; readonly text: string };

/**
 * HTTP to this process's own Dapr sidecar. `start` calls begin turns elsewhere (actor methods);
 * `within` calls are what turns themselves need (state, reminders, publish). They never share a
 * connection: turns waiting for connections that their own callers hold would be a deadlock.
 */
export type Sidecar = {
  readonly start: (
    method: 'GET' | 'PUT' | 'POST',
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<SidecarAnswer>;
  readonly within: (
    method: 'GET' | 'PUT' | 'POST' | 'DELETE',
    path: string,
    body?: unknown,
    contentType?: string,
  ) => Promise<SidecarAnswer>;
  readonly close: () => Promise<void>;
};

export type SidecarSettings = {
  readonly daprPort: number;
  readonly daprToken: string;
  readonly startConnections?: number;
  readonly withinConnections?: number;
};

export function connectSidecar({ daprPort, daprToken, startConnections = 96, withinConnections = 96 }: SidecarSettings): Sidecar {
  const origin = `http://127.0.0.1:${daprPort}`;
  const timeouts = { headersTimeout: 30_000, bodyTimeout: 30_000, keepAliveTimeout: 30_000 };
  const starting = new Pool(origin, { connections: startConnections, ...timeouts });
  const inside = new Pool(origin, { connections: withinConnections, ...timeouts });

  const call = async (
    pool: Pool,
    method: string,
    path: string,
    body: unknown,
    contentType: string,
    more: Readonly<Record<string, string>> = {},
  ): Promise<SidecarAnswer> => {
    const trace = currentTrace();
    const answer = await pool.request({
      method,
      path,
      headers: {
        ...(daprToken && { 'dapr-api-token': daprToken }),
        ...(body !== undefined && { 'content-type': contentType }),
        ...(trace && { traceparent: trace.traceparent }),
        ...more,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: answer.statusCode, text: await answer.body.text() };
  };

  return {
    start: (method, path, body, headers) => call(starting, method, path, body, 'application/json', headers),
    within: (method, path, body, contentType = 'application/json') => call(inside, method, path, body, contentType),
    close: async () => {
      await Promise.all([starting.close(), inside.close()]);
    },
  };
}
