import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Connection } from 'mongoose';
import { createLog } from '../../services/host/log.ts';
import { createPublicDoor } from '../../services/host/public-door.ts';
import { createIdempotency, type Idempotency } from '../../services/shared/idempotency.ts';
import { anonymous } from '../../services/shared/principal.ts';
import type { Service } from '../../services/shared/service.ts';

const unremembered: Idempotency = { once: async (_key, _body, run) => ({ answer: await run(), replayed: false }) };

/** The real public door in front of routes that need no token; idempotency keys need documents. */
export async function openPublicDoor({ routes }: Pick<Service, 'routes'>, documents?: Connection, publicUrl = 'http://127.0.0.1') {
  const door = createPublicDoor({
    routes,
    publicUrl,
    authenticate: async () => anonymous,
    idempotency: documents === undefined ? unremembered : createIdempotency(documents),
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
