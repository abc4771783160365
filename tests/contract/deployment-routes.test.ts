import { ofKind } from '../support/kubernetes-resources.ts';
import { type Manifest, manifestTest, rendered } from '../support/manifests.ts';
import { appIdOf, type PublicRoute, publicRoutes } from '../support/process-topology.ts';

type Match = { readonly type: 'Exact' | 'PathPrefix' | 'RegularExpression'; readonly value: string };
type Led = { readonly to: string; readonly match: Match };

/**
 * As the Gateway API says; expressions are anchored, because controllers differ in where they look
 * for them.
 */
const covers = ({ type, value }: Match, path: string): boolean => {
  if (type === 'Exact') return path === value;
  if (type === 'PathPrefix') return path === value || path.startsWith(`${value}/`);
  return new RegExp(value).test(path);
};

/** A path somebody might ask for. */
const sample = ({ path }: PublicRoute): string => path.replace(/:\w+/g, 'x_1');

const ledBy = (documents: readonly Manifest[]): Led[] =>
  ofKind(documents, 'HTTPRoute').flatMap(({ spec }) =>
    spec.rules.flatMap(({ backendRefs, matches }: Manifest) =>
      matches.map(({ path }: Manifest) => ({ to: backendRefs[0].name, match: path })),
    ),
  );

manifestTest('every public route of the code leads to the service that owns it, and to no other', async (t) => {
  const { documents } = await rendered('k8s/overlays/production');
  const led = ledBy(documents);
  for (const route of await publicRoutes()) {
    const takers = new Set(led.filter(({ match }) => covers(match, sample(route))).map(({ to }) => to));
    t.deepEqual([...takers], [appIdOf(route.service)], `${route.method} ${route.path} belongs to ${route.service}`);
  }
});

manifestTest('no path is routed that is not a public route of the code', async (t) => {
  const { documents } = await rendered('k8s/overlays/production');
  const routes = await publicRoutes();
  const idle = ledBy(documents).filter(
    ({ to, match }) => !routes.some((route) => appIdOf(route.service) === to && covers(match, sample(route))),
  );
  t.deepEqual(idle, []);
});

manifestTest("the operators' pages of a process have no route, and neither has the port of its sidecar", async (t) => {
  const { documents } = await rendered('k8s/overlays/production');
  const inner = [
    '/metrics',
    '/healthz',
    '/readyz',
    '/v1/system',
    '/events',
    '/dapr/config',
    '/actors/Subscription/sub_1/method/get',
    '/internal/auth/keys',
  ];
  const led = ledBy(documents);
  t.deepEqual(
    inner.filter((path) => led.some(({ match }) => covers(match, path))),
    [],
  );
});

manifestTest('every route leads through the Gateway to port 80 of a Service, and its expressions are anchored', async (t) => {
  const { documents } = await rendered('k8s/overlays/production');
  const services = ofKind(documents, 'Service').map(({ metadata }) => metadata.name);
  for (const { spec } of ofKind(documents, 'HTTPRoute')) {
    t.deepEqual(
      spec.parentRefs,
      ofKind(documents, 'Gateway').map(({ metadata }) => ({ name: metadata.name })),
    );
    for (const { backendRefs } of spec.rules)
      t.deepEqual(backendRefs, [{ name: services.find((name) => name === backendRefs[0].name), port: 80 }]);
  }
  for (const { match } of ledBy(documents)) t.true(match.type !== 'RegularExpression' || /^\^.*\$$/.test(match.value), match.value);
});
