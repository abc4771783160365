import { z } from 'zod';
import { type ReportQuery, rangeOf, reportAnswer, reportQuery } from '../shared/report.ts';
import { type Route, route } from '../shared/route.ts';
import { type Grouping, revenueColumns } from './revenue.ts';
import type { AnalyticsStore } from './store.ts';

const revenueQuery = reportQuery.extend({ groupBy: z.enum(['day', 'month', 'plan', 'country']).default('month') });

export const routes = (store: AnalyticsStore): readonly Route[] => [
  route<undefined, ReportQuery & { groupBy: Grouping }>({
    method: 'get',
    path: '/v1/reports/revenue',
    scope: 'reports:read',
    summary: 'Paid invoices in minor units, summed by day, month (UTC), plan or country; JSON, or CSV by Accept.',
    query: revenueQuery,
    handle: async ({ query, headers }) => {
      const { groupBy, currency, testClock } = query;
      const asked = { report: 'revenue', ...rangeOf(query), currency, groupBy };
      const rows = await store.revenue({ ...asked, testClock });
      return reportAnswer(headers.accept, asked, revenueColumns(groupBy), rows);
    },
  }),
];
