import { z } from 'zod';
import { differenceKinds, differenceSchema } from '../../shared/contracts/difference-resource.ts';
import { minorUnits, utcInstant } from '../../shared/fields.ts';
import { listQuery, pageSchema, pagingQuery } from '../../shared/list.ts';
import { dayMillis } from '../../shared/local-time.ts';
import { keyedId } from '../../shared/new-id.ts';
import { notFound } from '../../shared/problem.ts';
import { momentOf, momentText } from '../../shared/report.ts';
import { accepted, ok, type Route, route } from '../../shared/route.ts';
import type { Platform } from '../../shared/service.ts';
import { type Instant, millisOf } from '../../shared/time.ts';
import type { Reconciliation, ReconciliationStore } from './store.ts';

const longestDays = 366;

const body = z
  .strictObject({
    from: momentText.meta({ description: 'Start of the window, which belongs to it' }),
    to: momentText.meta({ description: 'End of the window, which does not belong to it; at most 366 days after its start' }),
  })
  .transform(({ from, to }) => ({ from: momentOf(from) as Instant, to: momentOf(to) as Instant }))
  .refine(({ from, to }) => from < to, { message: 'Must be later than from.', path: ['to'] })
  .refine(({ from, to }) => millisOf(to) - millisOf(from) <= longestDays * dayMillis, {
    message: 'Must be at most 366 days after from.',
    path: ['to'],
  })
  .meta({ id: 'CreateReconciliation' });

const count = z.int();
const totals = z
  .object({ gatewayCharged: minorUnits, paymentsCharged: minorUnits, gatewayRefunded: minorUnits, paymentsRefunded: minorUnits })
  .meta({ description: 'Minor units on both sides' });

const reconciliationSchema = z
  .object({
    ...{ id: z.string().meta({ examples: ['rec_2026-01-31'] }), from: utcInstant, to: utcInstant, status: z.enum(['running', 'done']) },
    through: utcInstant.meta({ description: 'Up to when the window is compared' }),
    requestedBy: z.string().meta({ description: 'The requester; nightly for the run of every night' }),
    ...{ createdAt: utcInstant, finishedAt: utcInstant.nullable() },
    counts: z.object({ charges: count, refunds: count, payments: count, invoices: count, differences: count }),
    byKind: z.partialRecord(z.enum(differenceKinds), count).meta({ description: 'Number of differences by kind' }),
    totals: z.record(z.string(), totals).meta({ description: 'Totals by currency' }),
  })
  .meta({ id: 'Reconciliation', description: 'A comparison of gateways, payments, invoices and subscriptions' });

const reportSchema = reconciliationSchema
  .extend({ differences: pageSchema(differenceSchema) })
  .meta({ id: 'ReconciliationReport', description: 'A reconciliation with a page of its differences' });

function resourceOf({ _id: id, day: through, found, summary, ...run }: Reconciliation): z.infer<typeof reconciliationSchema> {
  const { totals: byCurrency, differences: byKind, ...compared } = summary;
  const { from, to, status, requestedBy, createdAt, finishedAt } = run;
  const counts = { ...compared, differences: found };
  return { ...{ id, from, to, status, through, requestedBy, createdAt, finishedAt, counts, byKind }, totals: byCurrency };
}

/** The routes by which operators request comparisons and read their reports. */
export const reconciliationRoutes = (
  { now }: Pick<Platform, 'now'>,
  runs: ReconciliationStore,
  runInBackground: (id: string) => void,
): readonly Route[] => [
  route({
    method: 'post',
    path: '/v1/reconciliations',
    scope: 'system:write',
    operationId: 'createReconciliation',
    summary: 'Create a reconciliation',
    description:
      'Compares gateways, payments, invoices and subscriptions over a half-open window, in the background. The comparison only ' +
      'reads. A repeat with the same Idempotency-Key returns the same reconciliation.',
    body,
    responses: { 202: reconciliationSchema },
    problems: ['reconciliation-not-found'],
    handle: async ({ body: { from, to }, principal, idempotencyKey }) => {
      const _id = keyedId('rec', idempotencyKey);
      await runs.create({ _id, from, to, requestedBy: principal.subject, createdAt: now() });
      runInBackground(_id);
      const run = await runs.find(_id);
      return run ? accepted(resourceOf(run)) : notFound('reconciliation', _id);
    },
  }),
  route({
    method: 'get',
    path: '/v1/reconciliations',
    scope: 'system:read',
    operationId: 'listReconciliations',
    summary: 'List reconciliations',
    description: 'Returns reconciliations, newest first. One of the day before is created every night at 03:00 UTC.',
    query: listQuery(),
    responses: { 200: pageSchema(reconciliationSchema) },
    handle: async ({ query }) => {
      const { data, nextCursor } = await runs.list(query);
      return ok({ data: data.map(resourceOf), nextCursor });
    },
  }),
  route({
    method: 'get',
    path: '/v1/reconciliations/:id',
    scope: 'system:read',
    operationId: 'retrieveReconciliation',
    summary: 'Retrieve a reconciliation report',
    description: 'Returns the counts, the totals by currency on both sides, and a page of the differences in the order of their numbers.',
    query: pagingQuery(),
    responses: { 200: reportSchema },
    problems: ['reconciliation-not-found'],
    handle: async ({ params: { id = '' }, query: { limit, cursor } }) => {
      const run = await runs.find(id);
      if (!run) return notFound('reconciliation', id);
      return ok({ ...resourceOf(run), differences: await runs.differences(id, limit, Number(cursor ?? 0) || 0) });
    },
  }),
];
