import { z } from 'zod';
import { listQuery } from '../../shared/list.ts';
import { dayMillis } from '../../shared/local-time.ts';
import { keyedId } from '../../shared/new-id.ts';
import { notFound } from '../../shared/problem.ts';
import { momentOf, momentText } from '../../shared/report.ts';
import { accepted, ok, type Route, route } from '../../shared/route.ts';
import type { Platform } from '../../shared/service.ts';
import { type Instant, millisOf } from '../../shared/time.ts';
import { differenceKinds } from './difference.ts';
import { differenceSchema } from './difference-routes.ts';
import type { Reconciliation, ReconciliationStore } from './store.ts';

const longestDays = 366;

const body = z
  .strictObject({ from: momentText, to: momentText })
  .transform(({ from, to }) => ({ from: momentOf(from) as Instant, to: momentOf(to) as Instant }))
  .refine(({ from, to }) => from < to, { message: 'The end comes after the beginning.', path: ['to'] })
  .refine(({ from, to }) => millisOf(to) - millisOf(from) <= longestDays * dayMillis, { message: 'At most a year.', path: ['to'] });

const count = z.number().int();
const text = z.string().nullable();
const totals = z.object({ gatewayCharged: count, paymentsCharged: count, gatewayRefunded: count, paymentsRefunded: count });
const runAnswer = z.object({
  ...{ id: z.string(), from: z.string(), to: z.string(), status: z.enum(['running', 'done']), through: z.string() },
  ...{ requestedBy: z.string(), createdAt: z.string(), finishedAt: text },
  counts: z.object({ charges: count, refunds: count, payments: count, invoices: count, differences: count }),
  byKind: z.partialRecord(z.enum(differenceKinds), count),
  totals: z.record(z.string(), totals),
});

const shown = ({ _id: id, from, to, status, day: through, found, summary, ...run }: Reconciliation): z.infer<typeof runAnswer> => {
  const { totals: byCurrency, differences: byKind, ...looked } = summary;
  const { requestedBy, createdAt, finishedAt } = run;
  const counts = { ...looked, differences: found };
  return { ...{ id, from, to, status, through, requestedBy, createdAt, finishedAt, counts, byKind }, totals: byCurrency };
};

/** Comparisons of all ledgers on demand, and their reports. */
export const reconciliationRoutes = (
  { now }: Pick<Platform, 'now'>,
  runs: ReconciliationStore,
  begin: (id: string) => void,
): readonly Route[] => [
  route({
    method: 'post',
    path: '/v1/reconciliations',
    scope: 'system:write',
    summary: 'Compare gateways, payments, invoices and subscriptions over a window, in the background',
    body,
    answer: runAnswer,
    handle: async ({ body: { from, to }, principal, idempotencyKey }) => {
      const _id = keyedId('rec', idempotencyKey);
      await runs.create({ _id, from, to, requestedBy: principal.subject, createdAt: now() });
      begin(_id);
      const run = await runs.find(_id);
      return run ? accepted(shown(run)) : notFound('reconciliation', _id);
    },
  }),
  route({
    method: 'get',
    path: '/v1/reconciliations',
    scope: 'system:read',
    summary: 'Reconciliations, the latest first; every night there is one of the day before',
    query: listQuery(),
    answer: z.object({ data: z.array(runAnswer), nextCursor: text }),
    handle: async ({ query }) => {
      const { data, nextCursor } = await runs.list(query);
      return ok({ data: data.map(shown), nextCursor });
    },
  }),
  route({
    method: 'get',
    path: '/v1/reconciliations/:id',
    scope: 'system:read',
    summary: 'The report: counts, totals by currency on both sides, and a page of the differences',
    query: listQuery(),
    answer: runAnswer.extend({ differences: z.object({ data: z.array(differenceSchema), nextCursor: text }) }),
    handle: async ({ params: { id = '' }, query: { limit, cursor } }) => {
      const run = await runs.find(id);
      if (!run) return notFound('reconciliation', id);
      return ok({ ...shown(run), differences: await runs.differences(id, limit, Number(cursor ?? 0) || 0) });
    },
  }),
];
