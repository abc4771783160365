import { z } from 'zod';
import type { Route } from '../shared/route.ts';
import { ok, route } from '../shared/route.ts';
import type { Platform, Service } from '../shared/service.ts';

export type Health = { readonly ready: boolean; readonly parts: Readonly<Record<string, 'ok' | string>> };

export type SystemSettings = {
  readonly platform: Platform;
  readonly services: readonly Service[];
  readonly health: () => Promise<Health>;
  readonly deliveries: () => Readonly<Record<string, unknown>>;
  readonly deadLetters: () => Promise<number>;
  readonly version: string;
};

const anything = z.record(z.string(), z.unknown());

const systemState = z
  .object({
    version: z.string(),
    node: z.string(),
    appId: z.string(),
    ready: z.boolean(),
    parts: z.record(z.string(), z.string()).meta({ description: 'ok, or what is wrong' }),
    services: z.record(z.string(), anything).meta({ description: 'The report of each service' }),
    sidecar: anything.meta({ description: 'Metadata of the Dapr sidecar' }),
    consumer: anything.meta({ description: 'Event delivery to this process' }),
    deadLetters: z.int(),
    documents: z.string().meta({ description: 'Which document server runs' }),
  })
  .meta({ id: 'SystemState' });

/**
 * The state of this process for operators: its services, sidecar, actors, event delivery and dead
 * letters.
 */
export const systemRoutes = ({ platform, services, health, deliveries, deadLetters, version }: SystemSettings): readonly Route[] => [
  route({
    method: 'get',
    path: '/v1/system',
    scope: 'system:read',
    operationId: 'retrieveSystemState',
    summary: 'Retrieve the state of this process',
    description:
      'The services of this process and their reports, its sidecar and actors, how far event delivery is behind, and the number of dead letters.',
    responses: { 200: systemState },
    handle: async () => {
      const [metadata, state, letters, reports] = await Promise.all([
        sidecarMetadata(platform),
        health(),
        deadLetters(),
        Promise.all(services.map(async (service) => [service.name, (await service.report?.()) ?? {}] as const)),
      ]);
      return ok({
        version,
        node: process.version,
        appId: platform.config.appId,
        ready: state.ready,
        parts: state.parts,
        services: Object.fromEntries(reports),
        sidecar: metadata,
        consumer: deliveries(),
        deadLetters: letters,
        documents: platform.config.documentsKind,
      });
    },
  }),
];

/** The sidecar's metadata: version, components, and the number of active actors of each type. */
async function sidecarMetadata({ sidecar }: Platform): Promise<Record<string, unknown>> {
  const answer = await sidecar.start('GET', '/v1.0/metadata');
  if (answer.status !== 200) return { status: answer.status };
  const { id, runtimeVersion, actorRuntime, components, subscriptions } = JSON.parse(answer.text) as Record<string, unknown>;
  return { id, runtimeVersion, actorRuntime, components, subscriptions };
}
