import { z } from 'zod';
import { type ReportQuery, rangeOf, reportAnswer, reportQuery, reportResponses, reportSchema } from '../shared/report.ts';
import { type Route, route } from '../shared/route.ts';
import { type Grouping, revenueColumns } from './revenue.ts';
import type { AnalyticsStore } from './store.ts';

const revenueQuery = reportQuery.extend({ groupBy: z.enum(['day', 'month', 'plan', 'country']).default('month') });

const revenueSchema = reportSchema(
  revenueColumns('month').filter((column) => column !== 'month'),
  ['day', 'month', 'plan', 'country'],
).meta({ id: 'RevenueReport' });

/** The revenue report. */
export const analyticsRoutes = (store: AnalyticsStore): readonly Route[] => [
  route<undefined, ReportQuery & { groupBy: Grouping }>({
    method: 'get',
    path: '/v1/reports/revenue',
    scope: 'reports:read',
    operationId: 'retrieveRevenueReport',
    summary: 'Retrieve the revenue report',
    description:
      'Paid invoices after credit notes, refunds and disputes, in minor units, summed by day, month (UTC), plan or country. The range is half-open. Send Accept: text/csv for CSV.',
    responses: reportResponses(revenueSchema),
    query: revenueQuery,
    handle: async ({ query, headers }) => {
      const { groupBy, currency, testClock } = query;
      const request = { report: 'revenue', ...rangeOf(query), currency, groupBy };
      const rows = await store.revenue({ ...request, testClock });
      return reportAnswer(headers.accept, request, revenueColumns(groupBy), rows);
    },
  }),
];
