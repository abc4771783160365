import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectDirectory } from '../../dapr/runtime/directories.ts';
import { loadConfig } from '../../services/shared/config.ts';
import { annotationsOf, componentOf, containerOf, deploymentsOf, environmentOf, ofKind, selects } from '../support/kubernetes-resources.ts';
import { checkText, daprAnnotations, type Manifest, manifestTest, rendered } from '../support/manifests.ts';
import { appIdOf, appIds, processNames, settingNames, topology } from '../support/process-topology.ts';

const overlays = ['k8s/overlays/development', 'k8s/overlays/production'];

for (const overlay of overlays) {
  manifestTest(`${overlay}: every resource fits the schemas of Kubernetes, of Dapr and of the Gateway API`, async (t) => {
    t.deepEqual((await rendered(overlay)).problems, []);
  });

  manifestTest(
    `${overlay}: each service and the actors have their own Deployment, Service and disruption budget, named by the app-id`,
    async (t) => {
      const { documents } = await rendered(overlay);
      const deployments = deploymentsOf(documents);
      t.deepEqual(deployments.map(componentOf).sort(), [...processNames].sort());
      for (const name of processNames) {
        const own = deployments.filter((deployment) => componentOf(deployment) === name);
        const budget = ofKind(documents, 'PodDisruptionBudget').find(({ metadata }) => metadata.name === appIdOf(name));
        const service = ofKind(documents, 'Service').find(({ metadata }) => metadata.name === appIdOf(name));
        t.deepEqual(
          own.map(({ metadata }) => metadata.name),
          [appIdOf(name)],
        );
        for (const selector of [service.spec.selector, budget.spec.selector.matchLabels, own[0].spec.selector.matchLabels])
          t.deepEqual(
            ofKind(documents, 'Deployment').filter((deployment) => selects(selector, deployment)),
            own,
          );
        t.is(service.spec.ports[0].targetPort, containerOf(own[0]).ports[0].name);
      }
    },
  );

  manifestTest(`${overlay}: each process starts with settings that its configuration knows and accepts`, async (t) => {
    const { documents } = await rendered(overlay);
    for (const deployment of deploymentsOf(documents)) {
      const { SERVICE, ...environment } = environmentOf(deployment, documents);
      const name = componentOf(deployment) as (typeof processNames)[number];
      t.deepEqual(containerOf(deployment).args, ['services/main.ts', '$(SERVICE)']);
      t.is(SERVICE, name);
      t.deepEqual(
        Object.keys(environment).filter((setting) => !settingNames().has(setting)),
        [],
      );
      const config = loadConfig(environment);
      const annotations = annotationsOf(deployment);
      t.is(config.appId, appIdOf(name));
      t.is(annotations['dapr.io/app-id'], appIdOf(name));
      t.is(annotations['dapr.io/app-port'], String(config.sidecarPort));
      t.is(environment.MARQUEE_TOPOLOGY, topology);
      t.is(containerOf(deployment).ports[0].containerPort, config.publicPort);
      t.is(annotations['prometheus.io/port'], String(config.publicPort));
      t.is(environment.DAPR_API_TOKEN, `from ${annotations['dapr.io/api-token-secret']}`);
      t.is(environment.APP_API_TOKEN, `from ${annotations['dapr.io/app-token-secret']}`);
    }
  });

  manifestTest(`${overlay}: Dapr knows every annotation, and finds the Configuration they name`, async (t) => {
    const { documents } = await rendered(overlay);
    const known = await daprAnnotations();
    t.true(known.has('dapr.io/app-id'));
    for (const deployment of deploymentsOf(documents)) {
      const annotations = annotationsOf(deployment);
      t.deepEqual(
        Object.keys(annotations).filter((name) => name.startsWith('dapr.io/') && !known.has(name)),
        [],
      );
      t.true(ofKind(documents, 'Configuration').some(({ metadata }) => metadata.name === annotations['dapr.io/config']));
    }
  });

  manifestTest(`${overlay}: one state store, which only the sidecar of the actors opens, and one broker`, async (t) => {
    const { documents } = await rendered(overlay);
    const components = ofKind(documents, 'Component');
    t.deepEqual(components.map(({ metadata }) => metadata.name).sort(), ['pubsub', 'statestore']);
    t.deepEqual(components.find(({ metadata }) => metadata.name === 'statestore').scopes, [appIdOf('actors')]);
  });

  manifestTest(`${overlay}: internal routes are open to Marquee's own processes only, and turns and deliveries to no caller`, async (t) => {
    const { documents } = await rendered(overlay);
    const { defaultAction, policies } = ofKind(documents, 'Configuration')[0].spec.accessControl;
    const namespaces = new Set(deploymentsOf(documents).map(({ metadata }) => metadata.namespace));
    t.is(defaultAction, 'deny');
    t.deepEqual(policies.map(({ appId }: Manifest) => appId).sort(), [...appIds].sort());
    for (const policy of policies) {
      t.deepEqual(new Set([policy.namespace]), namespaces);
      t.is(policy.defaultAction, 'deny');
      t.deepEqual(policy.operations, [{ name: '/internal/**', httpVerb: ['*'], action: 'allow' }]);
    }
  });

  manifestTest(`${overlay}: no Service leads to the sidecar door, and the network lets nobody in there`, async (t) => {
    const { documents } = await rendered(overlay);
    const policy = ofKind(documents, 'NetworkPolicy').find(({ metadata }) => metadata.name === 'marquee');
    const open = policy.spec.ingress.flatMap(({ ports }: Manifest) => ports.map(({ port }: Manifest) => port));
    t.deepEqual(open.sort(), [50002, 9090, 'public']);
    for (const deployment of deploymentsOf(documents)) {
      t.true(selects(policy.spec.podSelector.matchLabels, deployment));
      t.deepEqual(
        containerOf(deployment).ports.map(({ name }: Manifest) => name),
        ['public'],
      );
    }
  });

  manifestTest(`${overlay}: every Secret that something reads is made by the overlay or asked for in k8s/README.md`, async (t) => {
    const { documents } = await rendered(overlay);
    const made = ofKind(documents, 'Secret').map(({ metadata }) => metadata.name);
    const asked = await readFile(join(projectDirectory, 'k8s', 'README.md'), 'utf8');
    const references = [...JSON.stringify(documents).matchAll(/"secretKeyRef":(\{.*?\})/g)].map(([, reference]) =>
      JSON.parse(reference as string),
    );
    t.true(references.some(({ name }) => name === 'marquee-app-token'));
    for (const { key, name } of references)
      t.true(made.includes(name) || new RegExp(`^\\| \`${name}\` +\\|.*\`${key}\``, 'm').test(asked), `${name} ${key}`);
  });
}

manifestTest('production has no test clocks and more than one pod of each process', async (t) => {
  const { documents } = await rendered('k8s/overlays/production');
  for (const deployment of deploymentsOf(documents)) {
    t.false(loadConfig(environmentOf(deployment, documents)).testClocks);
    t.true(deployment.spec.replicas >= 2);
  }
});

manifestTest('a field that Kubernetes, Dapr or a component does not know is reported', async (t) => {
  const component = (field: string, value: string) =>
    `apiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata: { name: pubsub }\nspec: { type: pubsub.kafka, version: v1, metadata: [{ name: brokers, value: a }, { name: ${field}, value: '${value}' }] }\n`;
  const wrong = [
    'apiVersion: v1\nkind: Service\nmetadata: { name: marquee }\nspec: { prots: [] }\n',
    'apiVersion: dapr.io/v1alpha1\nkind: Resiliency\nmetadata: { name: marquee }\nspec: { policies: { retry: {} }, targets: {} }\n',
    component('initalOffset', 'oldest'),
    component('initialOffset', 'first'),
    component('initialOffset', 'oldest'),
  ];
  const { problems } = await checkText(wrong.join('---\n'));
  const found = problems.map((problem) => problem.split(':')[0]);
  t.deepEqual(found, ['Service marquee', 'Service marquee', 'Resiliency marquee', 'Component pubsub', 'Component pubsub']);
});
