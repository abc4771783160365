import { ok, type Route, route } from '../shared/route.ts';
import type { Service } from '../shared/service.ts';
import { docsPage } from './docs-page.ts';
import type { Metrics } from './metrics.ts';
import { openApiDocument } from './openapi.ts';
import type { Health } from './system-routes.ts';

/** What needs no token: documents about the API, and what probes and scrapers ask. */
export function openRoutes(
  services: readonly Pick<Service, 'name' | 'about' | 'routes'>[],
  health: () => Promise<Health>,
  metrics: Metrics,
  version: string,
): readonly Route[] {
  const document = openApiDocument(services, version);
  const page = docsPage(document);
  const open = (path: string, summary: string, handle: Route['handle']): Route =>
    route({ method: 'get', path, scope: 'public', summary, handle });
  return [
    open('/openapi.json', 'This API as OpenAPI 3.1', async () => ok(document)),
    open('/docs', 'This API to read', async () => ({ status: 200, body: page, headers: { 'content-type': 'text/html; charset=utf-8' } })),
    open('/healthz', 'Alive', async () => ok({ status: 'alive' })),
    open('/readyz', 'Works: process, sidecar and documents', async () => {
      const state = await health();
      return { status: state.ready ? 200 : 503, body: { status: state.ready ? 'ready' : 'not-ready', parts: state.parts } };
    }),
    open('/metrics', 'Prometheus metrics', async () => ({
      status: 200,
      body: await metrics.text(),
      headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
    })),
  ];
}
