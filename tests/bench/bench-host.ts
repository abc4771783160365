import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { z } from 'zod';
import { actorState } from '../../actors/host/actor-state.ts';
import type { ActorType } from '../../actors/host/actor-type.ts';
import { runHost } from '../../services/host/host.ts';
import { type Config, loadConfig } from '../../services/shared/config.ts';
import type { Platform } from '../../services/shared/service.ts';
import { type ServiceName, serviceNames } from '../../services/shared/service-names.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const loaded = loadConfig(process.env);
let gatewayLatency = loaded.gatewayLatency;
const config: Config = {
  ...loaded,
  get gatewayLatency() {
    return gatewayLatency;
  },
};

/**
 * An actor for measurements. `noop` does nothing and `readWrite` reads and writes state of a
 * snapshot's size: both are upper limits for real turns. `heap` returns the bytes in use after a
 * garbage collection; `gatewayLatency` sets the response time of the simulated gateway in
 * milliseconds.
 */
const benchActor = ({ sidecar }: Platform): ActorType => ({
  type: 'Bench',
  forget: () => undefined,
  remind: async () => undefined,
  methods: {
    heap: {
      schema: z.strictObject({}),
      run: async () => {
        collectGarbage();
        return { ok: true, bytes: process.memoryUsage().heapUsed };
      },
    },
    gatewayLatency: {
      schema: z.strictObject({ millis: z.int().nonnegative() }),
      run: async (_id, { millis }) => {
        gatewayLatency = millis;
        return { ok: true };
      },
    },
    noop: { schema: z.strictObject({}), run: async () => ({ ok: true }) },
    readWrite: {
      schema: z.strictObject({}),
      run: async (id) => {
        const state = actorState(sidecar, 'Bench', id);
        const before = await state.read<{ count: number }>('agg');
        await state.write({ agg: { count: (before?.count ?? 0) + 1, filling: 'x'.repeat(2_000) } });
        return { ok: true };
      },
    },
  },
});

const names = process.argv.slice(2);
await runHost({
  config,
  services: names.includes('all') ? serviceNames : names.filter((name): name is ServiceName => name !== 'actors'),
  hostsActors: true,
  version: 'bench',
  moreActors: (platform) => [benchActor(platform)],
});
