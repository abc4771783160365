import { createServer, type Server } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type Koa from 'koa';

/** Opens a door on a port; the promise is rejected where the port is in use. */
export const listen = (door: Koa, port: number, host: string): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer(door.callback());
    server.keepAliveTimeout = 65_000;
    server.once('error', reject);
    server.listen(port, host, () => resolve(server));
  });

/** Accepts no new calls and lets the running ones end, for four seconds at most. */
export async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  await Promise.race([closed, pause(4_000)]);
  server.closeAllConnections();
}

/**
 * Stops once on SIGTERM or SIGINT and ends the process: 0 after a clean stop, 1 after a failed one.
 */
export function stopOnSignal(stop: () => Promise<void>): void {
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      stop().then(
        () => process.exit(0),
        (error: Error) => {
          console.error(error);
          process.exit(1);
        },
      );
    });
}
