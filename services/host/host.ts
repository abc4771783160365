import type { Server } from 'node:http';
import { createTurnQueue } from '../../actors/host/one-turn-at-a-time.ts';
import { actorConfiguration, mountActors } from '../../actors/host/protocol.ts';
import { authenticateWith, isLocalKey } from '../shared/authenticate.ts';
import type { Config } from '../shared/config.ts';
import { requireDurableWrites } from '../shared/durable-writes.ts';
import { armFaultPoint } from '../shared/fault-points.ts';
import { createIdempotency, expireOldKeys } from '../shared/idempotency.ts';
import { collectionsReady, connectDocuments } from '../shared/mongo.ts';
import { localAdministrator, type Principal } from '../shared/principal.ts';
import type { Platform } from '../shared/service.ts';
import { type ServiceName, withoutReactions } from '../shared/service-names.ts';
import { connectSidecar } from '../shared/sidecar.ts';
import { createTestClockSettlement } from '../shared/test-clock-settlement.ts';
import { actorTypesOf, type MoreActors } from './actor-types.ts';
import { createDeadLetters } from './dead-letters.ts';
import { createDeliveryLog } from './delivery-log.ts';
import { createEventDelivery } from './event-delivery.ts';
import { createHealth } from './health.ts';
import { healthRoutes } from './health-routes.ts';
import { createInvoke } from './invoke.ts';
import { close, listen, stopOnSignal } from './listening.ts';
import { createLog } from './log.ts';
import { createMetrics } from './metrics.ts';
import { createPublicDoor } from './public-door.ts';
import { createPublisher } from './publish.ts';
import { describedServices } from './reference/described-services.ts';
import type { DescribedService } from './reference/openapi.ts';
import { referenceRoutes } from './reference/reference-routes.ts';
import { serviceRegistry } from './service-registry.ts';
import { createSidecarDoor } from './sidecar-door.ts';
import { endInTime, millisToStop, whileRunning } from './stopping.ts';
import { systemRoutes } from './system-routes.ts';

export type HostSettings = {
  readonly config: Config;
  readonly services: readonly ServiceName[];
  readonly hostsActors: boolean;
  readonly version: string;
  readonly moreActors?: MoreActors;
};

/**
 * Runs any set of the services, and the actors, in this process with its one sidecar, until a
 * signal stops it.
 */
export async function runHost({ config, services: names, hostsActors, version, moreActors = () => [] }: HostSettings): Promise<void> {
  armFaultPoint(config.killAt);
  const log = createLog(config.logLevel, config.appId);
  const metrics = createMetrics();
  const documents = await connectDocuments(config.mongoUri);
  await requireDurableWrites(documents, config.mongoUri);
  const sidecar = connectSidecar(config);
  const publisher = createPublisher(sidecar);
  const platform: Platform = {
    config,
    log,
    documents,
    sidecar,
    publish: publisher.publish,
    invoke: createInvoke(config),
    settlement: createTestClockSettlement(documents, config.appId, config.consumers),
    observeGateway: metrics.gateway,
    observeRisk: metrics.risk,
    now: () => new Date().toISOString(),
  };
  const services = await Promise.all(names.map(async (name) => (await serviceRegistry[name]())(platform)));
  for (const { name, reactions } of services)
    if (withoutReactions.has(name) !== (reactions.length === 0))
      throw new Error(`services/shared/service-names.ts lists ${name} wrongly as a service with or without reactions`);
  const deadLetters = createDeadLetters(documents, config.appId, platform.publish, metrics.deadLetter);
  const deliveryLog = createDeliveryLog(metrics);
  const health = createHealth(platform);
  const actorTypes = hostsActors ? await actorTypesOf(platform, metrics.quarantine, moreActors) : [];

  const sidecarDoor = createSidecarDoor({
    token: config.appToken,
    services,
    deliver: whileRunning(health, deliveryLog.around(createEventDelivery(services, platform.settlement, log, metrics.reaction))),
    keepDead: deadLetters.keep,
    mountActors: hostsActors
      ? (router) => mountActors(router, { types: actorTypes, turns: createTurnQueue(), log, observe: metrics.turn })
      : undefined,
    actorConfiguration: actorConfiguration(actorTypes),
    log,
  });
  const system: DescribedService = {
    name: 'system',
    about: 'The state of the platform, for operators and probes.',
    routes: [
      ...systemRoutes({
        platform,
        services,
        health: health.check,
        deliveries: deliveryLog.summary,
        deadLetters: deadLetters.count,
        version,
      }),
      ...deadLetters.routes,
      ...healthRoutes(health.check, metrics),
    ],
  };
  const describe = async () => [...(await describedServices(services, platform)), system];
  const publicDoor = createPublicDoor({
    routes: [...services, system].flatMap(({ routes }) => routes).concat(referenceRoutes(describe, version, config.publicUrl)),
    publicUrl: config.publicUrl,
    authenticate: authenticateWith(
      {
        keys: async () => (await platform.invoke('auth', 'get', 'keys')) as never,
        introspect: async (apiKey) =>
          isLocalKey(config, apiKey)
            ? localAdministrator
            : ((await platform.invoke('auth', 'post', 'introspect', { apiKey })) as Principal | undefined),
      },
      config.issuer,
      () => performance.now(),
    ),
    idempotency: createIdempotency(documents),
    log,
    observe: metrics.request,
  });

  await collectionsReady(documents);
  await expireOldKeys(documents, new Date());
  const servers = [await listen(sidecarDoor, config.sidecarPort, '127.0.0.1'), await listen(publicDoor, config.publicPort, config.host)];
  log.info({ services: names, actors: hostsActors, publicPort: config.publicPort }, 'listening');
  stopOnSignal(async () => {
    health.stopping();
    const [inner, outer] = servers as [Server, Server];
    await close(outer);
    await Promise.all(services.map((service) => endInTime(service.name, service.stop?.() ?? Promise.resolve(), log)));
    await publisher.drain(millisToStop);
    await close(inner);
    await sidecar.close();
    await documents.close();
    log.info({}, 'stopped');
  });
  await health.sidecarReady();
  for (const service of services) await service.start?.();
  health.started();
  log.info({}, 'ready');
}
