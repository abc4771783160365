import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Connection } from 'mongoose';
import { createLog } from '../../services/host/log.ts';
import { createPublicDoor } from '../../services/host/public-door.ts';
import { createIdempotency } from '../../services/shared/idempotency.ts';
import { anonymous } from '../../services/shared/principal.ts';
import type { Service } from '../../services/shared/service.ts';

/** The real public door in front of one service, for routes that need no token. */
export async function openPublicDoor({ routes }: Service, documents: Connection) {
  const door = createPublicDoor({
    routes,
    publicUrl: 'http://127.0.0.1',
    authenticate: async () => anonymous,
    idempotency: createIdempotency(documents),
    log: createLog('silent', 'test'),
    observe: () => {},
  });
  const server = createServer(door.callback()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise<void>((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
