import { createServer, type Server } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type Koa from 'koa';
import type { ActorType } from '../actors/host/actor-type.ts';
import { actorConfiguration, mountActors } from '../actors/host/protocol.ts';
import { createTurns } from '../actors/host/turns.ts';
import { subscriptionActor } from '../actors/subscription/subscription-actor.ts';
import { testClockActor } from '../actors/test-clock/test-clock-actor.ts';
import { catalogue } from './catalogue.ts';
import { authenticateWith, isLocalKey, localAdministrator, type Principal } from './shared/authenticate.ts';
import type { Config } from './shared/config.ts';
import { createDeadLetters } from './shared/dead-letters.ts';
import { createDeliveryLog } from './shared/delivery-log.ts';
import { armFaultPoint } from './shared/fault-points.ts';
import { createHealth } from './shared/health.ts';
import { createIdempotency } from './shared/idempotency.ts';
import { createInvoke } from './shared/invoke.ts';
import { createLog } from './shared/log.ts';
import { createMetrics } from './shared/metrics.ts';
import { collectionsReady, connectDocuments } from './shared/mongo.ts';
import { openRoutes } from './shared/open-routes.ts';
import { createPublicDoor } from './shared/public-door.ts';
import { createPublisher } from './shared/publish.ts';
import { createDelivery } from './shared/reactions.ts';
import { type Platform, type ServiceName, withoutReactions } from './shared/service.ts';
import { createSettlement } from './shared/settlement.ts';
import { connectSidecar } from './shared/sidecar.ts';
import { createSidecarDoor } from './shared/sidecar-door.ts';
import { systemRoutes } from './shared/system-routes.ts';
import { askForTerms } from './subscription/change.ts';
import { askForInvoices } from './subscription/foresight.ts';

export type HostSettings = {
  readonly config: Config;
  readonly services: readonly ServiceName[];
  readonly hostsActors: boolean;
  readonly version: string;
  /** Actor types beside the platform's own, as benches bring. */
  readonly moreActors?: (platform: Platform) => readonly ActorType[];
};

/** Runs any set of the services, and the actors, in this process beside its one sidecar, until it is told to stop. */
export async function runHost({ config, services: names, hostsActors, version, moreActors = () => [] }: HostSettings): Promise<void> {
  armFaultPoint(config.killAt);
  const log = createLog(config.logLevel, config.appId);
  const metrics = createMetrics();
  const documents = await connectDocuments(config.mongoUri);
  const sidecar = connectSidecar(config);
  const publisher = createPublisher(sidecar);
  const platform: Platform = {
    config,
    log,
    documents,
    sidecar,
    publish: publisher.publish,
    invoke: createInvoke(config),
    settlement: createSettlement(documents, config.appId, config.consumers),
    observeGateway: metrics.gateway,
    observeRisk: metrics.risk,
    now: () => new Date().toISOString(),
  };
  const services = await Promise.all(names.map(async (name) => (await catalogue[name]())(platform)));
  for (const { name, reactions } of services)
    if (withoutReactions.has(name) !== (reactions.length === 0)) throw new Error(`service.ts is wrong about the reactions of ${name}`);
  const deadLetters = createDeadLetters(documents, config.appId, platform.publish, metrics.deadLetter);
  const deliveryLog = createDeliveryLog(metrics);
  const health = createHealth(platform);
  const actorTypes = hostsActors
    ? [
        subscriptionActor({
          ...platform,
          guardMillis: config.guardMillis,
          termsOf: (subscription, wish) => askForTerms(platform, subscription, wish),
          invoicesOf: (subscription, asked) => askForInvoices(platform, subscription, asked),
          onQuarantine: (id, violation) => {
            metrics.quarantine();
            log.error({ id, violation }, 'a subscription is quarantined');
          },
        }),
        testClockActor({ ...platform, guardMillis: config.guardMillis }),
        ...moreActors(platform),
      ]
    : [];

  const sidecarDoor = createSidecarDoor({
    token: config.appToken,
    services,
    deliver: deliveryLog.around(createDelivery(services, platform.settlement, log, metrics.reaction)),
    keepDead: deadLetters.keep,
    mountActors: hostsActors
      ? (router) => mountActors(router, { types: actorTypes, turns: createTurns(), log, observe: metrics.turn })
      : undefined,
    actorConfiguration: actorConfiguration(actorTypes),
    log,
  });
  const system = systemRoutes({
    platform,
    services,
    health: health.check,
    deliveries: deliveryLog.summary,
    deadLetters: deadLetters.count,
    version,
  });
  const described = [...services, { name: 'system' as never, about: 'For operators.', routes: [...system, ...deadLetters.routes] }];
  const publicDoor = createPublicDoor({
    routes: [...described.flatMap((service) => service.routes), ...openRoutes(described, health.check, metrics, version)],
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
  const servers = [await listen(sidecarDoor, config.sidecarPort, '127.0.0.1'), await listen(publicDoor, config.publicPort, config.host)];
  log.info({ services: names, actors: hostsActors, publicPort: config.publicPort }, 'listening');
  stopOnSignal(async () => {
    health.stopping();
    const [inner, outer] = servers as [Server, Server];
    await close(outer);
    for (const service of services) await service.stop?.();
    await publisher.drain();
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

const listen = (door: Koa, port: number, host: string): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer(door.callback());
    server.keepAliveTimeout = 65_000;
    server.once('error', reject);
    server.listen(port, host, () => resolve(server));
  });

/** Takes no new calls and lets the running ones end, for a few seconds at most. */
async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  await Promise.race([closed, pause(4_000)]);
  server.closeAllConnections();
}

function stopOnSignal(stop: () => Promise<void>): void {
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
