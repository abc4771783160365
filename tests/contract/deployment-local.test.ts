import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { projectDirectory } from '../../dapr/runtime/directories.ts';
import { prepareDapr } from '../../dapr/runtime/obtain/prepare.ts';
import { loadConfig } from '../../services/shared/config.ts';
import { type Manifest, manifestTest, readYaml } from '../support/manifests.ts';
import { appIdOf, processNames, settingNames, topology } from '../support/process-topology.ts';

/** What a process is told, its sidecar's ports included, by either of the two files. */
type Told = {
  readonly name: string;
  readonly appId: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly ports: readonly number[];
};

/** The tokens come from the shell, for both sides. */
const fromShell = { APP_API_TOKEN: 'application', DAPR_API_TOKEN: 'sidecar' };

function assertWhole(t: ExecutionContext, told: readonly Told[]): void {
  t.deepEqual(told.map(({ name }) => name).sort(), [...processNames].sort());
  const ports = told.flatMap((one) => one.ports);
  t.deepEqual(
    ports.filter((port, index) => ports.indexOf(port) !== index),
    [],
  );
  for (const { name, appId, environment } of told) {
    t.deepEqual(
      Object.keys(environment).filter((setting) => !settingNames().has(setting)),
      [],
    );
    const config = loadConfig({ ...fromShell, ...environment });
    t.is(appId, appIdOf(name as (typeof processNames)[number]));
    t.is(config.appId, appId);
    t.is(environment.MARQUEE_TOPOLOGY, topology);
  }
}

const existing = (...paths: readonly string[]): boolean => existsSync(join(projectDirectory, ...paths));

/**
 * `pkg/standalone/run.go` and `pkg/runfileconfig/run_file_config.go` of the Dapr CLI 1.18; it
 * ignores every other field.
 */
const runFileFields = {
  common:
    'resourcesPaths configFilePath appProtocol apiListenAddresses placementHostAddress schedulerHostAddress maxBodySize appLogDestination daprdLogDestination env',
  app: 'appID appDirPath command appPort daprHTTPPort daprGRPCPort daprInternalGRPCPort metricsPort env',
};

manifestTest('dapr.yaml runs each service and the actors once, with its own sidecar', async (t) => {
  const { version, common, apps } = await readYaml('dapr/dapr.yaml');
  t.is(version, 1);
  const told = apps.map((app: Manifest): Told => {
    const environment = { ...common.env, ...app.env, DAPR_HTTP_PORT: String(app.daprHTTPPort) };
    const { sidecarPort, publicPort } = loadConfig({ ...fromShell, ...environment });
    t.is(app.appPort, sidecarPort);
    t.deepEqual(app.command.slice(0, 2), ['node_modules/.bin/node', 'services/main.ts']);
    const { daprHTTPPort, daprGRPCPort, daprInternalGRPCPort, metricsPort } = app;
    return {
      name: app.command[2],
      appId: app.appID,
      environment,
      ports: [publicPort, sidecarPort, daprHTTPPort, daprGRPCPort, daprInternalGRPCPort, metricsPort],
    };
  });
  assertWhole(t, told);
});

manifestTest('dapr.yaml names files that exist and fields that the Dapr CLI knows', async (t) => {
  const { common, apps } = await readYaml('dapr/dapr.yaml');
  for (const path of [...common.resourcesPaths, common.configFilePath]) t.true(existing('dapr', path), path);
  t.deepEqual(
    Object.keys(common).filter((field) => !runFileFields.common.split(' ').includes(field)),
    [],
  );
  for (const app of apps) {
    t.deepEqual(
      Object.keys(app).filter((field) => !runFileFields.app.split(' ').includes(field)),
      [],
    );
    for (const file of app.command.slice(0, 2)) t.true(existing('dapr', app.appDirPath, file), file);
  }
});

/**
 * `--name value` pairs of a command line; a flag without a value is `true`, a repeated one a list.
 */
function flagsOf(line: string): ReadonlyMap<string, readonly string[]> {
  const flags = new Map<string, string[]>();
  for (const [, name, value = 'true'] of line.matchAll(/--([\w-]+)(?: (?!--)(\S+))?/g))
    flags.set(name as string, [...(flags.get(name as string) ?? []), value]);
  return flags;
}

manifestTest('tye.yaml runs each service and the actors once, with its own sidecar', async (t) => {
  const { services } = await readYaml('tye.yaml');
  const named = new Map<string, Manifest>(services.map((service: Manifest) => [service.name, service]));
  t.is(named.size, 2 * processNames.length);
  const told = services.flatMap((service: Manifest): Told[] => {
    if (service.executable !== 'node') return [];
    const environment = Object.fromEntries(service.env.map(({ name, value }: Manifest) => [name, value]));
    const flags = flagsOf(named.get(`${service.name}-sidecar`).args);
    const one = (flag: string): string => flags.get(flag)?.join() ?? '';
    const config = loadConfig({ ...fromShell, ...environment });
    t.is(service.args, `services/main.ts ${service.name}`);
    t.is(one('app-port'), String(config.sidecarPort));
    t.is(one('dapr-http-port'), String(config.daprPort));
    t.is(service.bindings[0].port, config.publicPort);
    const ports = ['app-port', 'dapr-http-port', 'dapr-grpc-port', 'dapr-internal-grpc-port', 'metrics-port'].map((flag) =>
      Number(one(flag)),
    );
    return [{ name: service.name, appId: one('app-id'), environment, ports: [...ports, config.publicPort] }];
  });
  assertWhole(t, told);
});

manifestTest('tye.yaml starts sidecars with flags that daprd knows and files that exist', async (t) => {
  const { services } = await readYaml('tye.yaml');
  const { daprd } = await prepareDapr();
  const help = spawnSync(daprd, ['--help'], { encoding: 'utf8' });
  const known = new Set([...`${help.stdout}${help.stderr}`.matchAll(/^\s+--([\w-]+)/gm)].map(([, flag]) => flag));
  t.true(known.has('app-id'));
  for (const { executable, args, workingDirectory } of services) {
    if (executable !== 'daprd') continue;
    const flags = flagsOf(args);
    t.deepEqual(
      [...flags.keys()].filter((flag) => !known.has(flag)),
      [],
    );
    for (const path of [...(flags.get('resources-path') ?? []), ...(flags.get('config') ?? [])])
      t.true(existing(workingDirectory, path), path);
    t.is(flags.get('scheduler-host-address')?.length, 1);
  }
});

manifestTest("Tye's own Dapr extension starts no second sidecar", async (t) => {
  const { extensions } = await readYaml('tye.yaml');
  t.deepEqual(
    extensions.map(({ name }: Manifest) => name),
    ['dapr'],
  );
  t.deepEqual(extensions[0].services, Object.fromEntries(processNames.map((name) => [name, { enabled: false }])));
});
