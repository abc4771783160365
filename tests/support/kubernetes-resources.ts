import type { Manifest } from './manifests.ts';

/** The resources of one kind in the rendered manifests. */
export const ofKind = (documents: readonly Manifest[], kind: string): Manifest[] => documents.filter((document) => document.kind === kind);

/** The Deployments with a sidecar from Dapr: the processes of Marquee. */
export const deploymentsOf = (documents: readonly Manifest[]): Manifest[] =>
  ofKind(documents, 'Deployment').filter(({ spec }) => spec.template.metadata.annotations?.['dapr.io/enabled'] === 'true');

export const containerOf = (deployment: Manifest): Manifest => deployment.spec.template.spec.containers[0];
export const annotationsOf = (deployment: Manifest): Record<string, string> => deployment.spec.template.metadata.annotations;
export const componentOf = ({ spec }: Manifest): string => spec.template.metadata.labels['app.kubernetes.io/component'];

/** Whether a selector matches the pods of a Deployment; an empty one would match all pods. */
export const selects = (selector: Record<string, string>, { spec }: Manifest): boolean =>
  Object.entries(selector).length > 0 && Object.entries(selector).every(([name, value]) => spec.template.metadata.labels[name] === value);

/** The environment of a container at its start, with a placeholder for each value from a Secret. */
export function environmentOf(deployment: Manifest, documents: readonly Manifest[]): Record<string, string> {
  const { env, envFrom } = containerOf(deployment);
  const { labels, annotations } = deployment.spec.template.metadata;
  const settings = envFrom.map(
    ({ configMapRef }: Manifest) => ofKind(documents, 'ConfigMap').find((map) => map.metadata.name === configMapRef.name).data,
  );
  const read = ({ value, valueFrom }: Manifest): string => {
    const field = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(valueFrom?.fieldRef?.fieldPath ?? '');
    if (field) return (field[1] === 'labels' ? labels : annotations)[field[2] as string];
    return value ?? `from ${valueFrom.secretKeyRef.name}`;
  };
  return Object.assign({}, ...settings, ...env.map((variable: Manifest) => ({ [variable.name]: read(variable) })));
}
