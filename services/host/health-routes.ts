import { z } from 'zod';
import { ok, type Route, route } from '../shared/route.ts';
import type { Metrics } from './metrics.ts';
import type { Health } from './system-routes.ts';

const alive = z.object({ status: z.literal('alive') }).meta({ id: 'Alive' });

const readiness = z
  .object({ status: z.enum(['ready', 'not-ready']), parts: z.record(z.string(), z.string()).meta({ description: 'ok, or what is wrong' }) })
  .meta({ id: 'Readiness' });

/** The routes for probes and scrapers. Each process responds for itself. */
export const healthRoutes = (health: () => Promise<Health>, metrics: Metrics): readonly Route[] => [
  route({
    method: 'get',
    path: '/healthz',
    scope: 'public',
    operationId: 'retrieveLiveness',
    summary: 'Check that the process is alive',
    description: 'Answers as long as the process runs, whatever its dependencies do.',
    responses: { 200: alive },
    handle: async () => ok({ status: 'alive' }),
  }),
  route({
    method: 'get',
    path: '/readyz',
    scope: 'public',
    operationId: 'retrieveReadiness',
    summary: 'Check that the process works',
    description: 'The process is ready when it has started and its sidecar and document store respond; otherwise the status is 503.',
    responses: { 200: readiness, 503: readiness },
    handle: async () => {
      const state = await health();
      return { status: state.ready ? 200 : 503, body: { status: state.ready ? 'ready' : 'not-ready', parts: state.parts } };
    },
  }),
  route({
    method: 'get',
    path: '/metrics',
    scope: 'public',
    operationId: 'retrieveMetrics',
    summary: 'Retrieve Prometheus metrics',
    description: 'Metrics of this process in the Prometheus text format.',
    responses: { 200: { media: { 'text/plain': 'text' } } },
    handle: async () => ({
      status: 200,
      body: await metrics.text(),
      headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
    }),
  }),
];
