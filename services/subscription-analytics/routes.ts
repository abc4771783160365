import { z } from 'zod';
import { type Problem, problem } from '../shared/problem.ts';
import {
  momentOf,
  momentText,
  type ReportQuery,
  type Row,
  rangeOf,
  reportAnswer,
  reportQuery,
  reportResponses,
  reportSchema,
} from '../shared/report.ts';
import { type Route, type RouteResponse, route } from '../shared/route.ts';
import { type Instant, plusMillis } from '../shared/time.ts';
import { bucketCount, type Grouping } from './buckets.ts';
import type { History } from './history.ts';
import * as reports from './reports.ts';
import type { SubscriptionAnalyticsStore } from './store.ts';

const seriesQuery = reportQuery.extend({ groupBy: z.enum(['day', 'month']).default('month') });
const standingQuery = reportQuery.extend({ at: momentText.optional(), groupBy: z.enum(['day', 'month']).default('month') });

type SeriesQuery = ReportQuery & { readonly groupBy: Grouping };
type StandingQuery = SeriesQuery & { readonly at?: string | undefined };

type SeriesReport = (histories: AsyncIterable<History>, series: reports.Series) => Promise<Row[]>;

const maxBuckets = 1_200;

const asCsv = 'The range is half-open. Send Accept: text/csv for CSV.';
const mrrSchema = z.union([reportSchema(reports.mrrColumns), reportSchema(reports.mrrAtColumns)]).meta({ id: 'MrrReport' });
const churnSchema = reportSchema(reports.churnColumns).meta({ id: 'ChurnReport' });
const trialsSchema = reportSchema(reports.trialsColumns).meta({ id: 'TrialsReport' });
const plansSchema = reportSchema(reports.plansColumns).meta({ id: 'PlansReport' });

/** The reports about subscriptions. */
export function subscriptionAnalyticsRoutes(store: SubscriptionAnalyticsStore, now: () => Instant): readonly Route[] {
  const series = async (
    name: string,
    report: SeriesReport,
    columns: readonly string[],
    query: SeriesQuery,
    accept: unknown,
  ): Promise<RouteResponse | Problem> => {
    const request = { report: name, ...seriesOf(query, now()) };
    if (bucketCount(request.from, request.to, request.groupBy) > maxBuckets) return tooLong();
    return reportAnswer(accept, request, columns, await report(store.histories(query.testClock), request));
  };
  const standing = async (
    name: string,
    by: 'currency' | 'plan',
    columns: readonly string[],
    query: StandingQuery,
    accept: unknown,
  ): Promise<RouteResponse> => {
    const request = { report: name, at: requestedInstant(query) ?? now(), currency: query.currency };
    return reportAnswer(
      accept,
      request,
      columns,
      await reports.standings(store.histories(query.testClock), request.at, by, query.currency),
    );
  };

  return [
    route<undefined, StandingQuery>({
      method: 'get',
      path: '/v1/reports/mrr',
      scope: 'reports:read',
      operationId: 'retrieveMrrReport',
      summary: 'Retrieve the MRR report',
      description: `Monthly recurring revenue in minor units: its level right after \`at\` (now by default), or with \`from\` or \`to\` its movements by day or month. ${asCsv}`,
      responses: reportResponses(mrrSchema),
      problems: ['range-too-long'],
      query: standingQuery,
      handle: ({ query, headers }) =>
        query.from || query.to
          ? series('mrr', reports.mrrSeries, reports.mrrColumns, query, headers.accept)
          : standing('mrr', 'currency', reports.mrrAtColumns, query, headers.accept),
    }),
    route<undefined, SeriesQuery>({
      method: 'get',
      path: '/v1/reports/churn',
      scope: 'reports:read',
      operationId: 'retrieveChurnReport',
      summary: 'Retrieve the churn report',
      description: `Subscribers won and lost by day or month, and the share that was lost. ${asCsv}`,
      responses: reportResponses(churnSchema),
      problems: ['range-too-long'],
      query: seriesQuery,
      handle: ({ query, headers }) => series('churn', reports.churnSeries, reports.churnColumns, query, headers.accept),
    }),
    route<undefined, SeriesQuery>({
      method: 'get',
      path: '/v1/reports/trials',
      scope: 'reports:read',
      operationId: 'retrieveTrialsReport',
      summary: 'Retrieve the trials report',
      description: `Trials by the day or month in which they began, and how they ended. ${asCsv}`,
      responses: reportResponses(trialsSchema),
      problems: ['range-too-long'],
      query: seriesQuery,
      handle: ({ query, headers }) => series('trials', reports.trialsSeries, reports.trialsColumns, query, headers.accept),
    }),
    route<undefined, StandingQuery>({
      method: 'get',
      path: '/v1/reports/plans',
      scope: 'reports:read',
      operationId: 'retrievePlansReport',
      summary: 'Retrieve the plans report',
      description: `Subscribers of each plan by state and their monthly recurring revenue, right after \`at\` or at the end of the range (now by default). ${asCsv}`,
      responses: reportResponses(plansSchema),
      query: standingQuery,
      handle: ({ query, headers }) => standing('plans', 'plan', reports.plansColumns, query, headers.accept),
    }),
  ];
}

/** The requested instant, or the last millisecond of the range. */
function requestedInstant(query: StandingQuery): Instant | undefined {
  const { to } = rangeOf(query);
  return query.at === undefined ? to && plusMillis(to, -1) : momentOf(query.at);
}

const millisPerYear = 365 * 86_400_000;

/** The range; `to` defaults to now, and `from` to one year before the end. */
function seriesOf(query: SeriesQuery, now: Instant): reports.Series {
  const { from, to = now } = rangeOf(query);
  return { from: from ?? plusMillis(to, -millisPerYear), to, groupBy: query.groupBy, currency: query.currency };
}

const tooLong = (): Problem =>
  problem(422, 'range-too-long', `A series has at most ${maxBuckets} rows. Group by month or request a shorter range.`);
