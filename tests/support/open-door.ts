import type { AddressInfo } from 'node:net';
import type { ExecutionContext } from 'ava';
import { anonymous } from '../../services/shared/authenticate.ts';
import { createIdempotency } from '../../services/shared/idempotency.ts';
import { problem } from '../../services/shared/problem.ts';
import { createPublicDoor } from '../../services/shared/public-door.ts';
import type { Route } from '../../services/shared/route.ts';
import type { Platform } from '../../services/shared/service.ts';

/** Offers the routes that need no token at a real public door until the test ends; answers its address. */
export async function openDoor(t: ExecutionContext, routes: readonly Route[], { documents, log }: Platform): Promise<string> {
  const door = createPublicDoor({
    routes,
    authenticate: async (_, scope) => (scope === 'public' ? anonymous : problem(401, 'unauthenticated', 'There are no tokens here.')),
    idempotency: createIdempotency(documents),
    log,
    observe: () => {},
  });
  const server = door.listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  t.teardown(() => new Promise<void>((closed) => server.close(() => closed())));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
