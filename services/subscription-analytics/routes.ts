import { z } from 'zod';
import { type Problem, problem } from '../shared/problem.ts';
import { momentOf, momentText, type ReportQuery, type Row, rangeOf, reportAnswer, reportQuery } from '../shared/report.ts';
import { type Route, type RouteResponse, route } from '../shared/route.ts';
import { type Instant, plusMillis } from '../shared/time.ts';
import { bucketCount, type Grouping } from './buckets.ts';
import type { Life } from './history.ts';
import * as reports from './reports.ts';
import type { SubscriptionAnalyticsStore } from './store.ts';

const seriesQuery = reportQuery.extend({ groupBy: z.enum(['day', 'month']).default('month') });
const standingQuery = reportQuery.extend({ at: momentText.optional(), groupBy: z.enum(['day', 'month']).default('month') });

type SeriesQuery = ReportQuery & { readonly groupBy: Grouping };
type StandingQuery = SeriesQuery & { readonly at?: string | undefined };

type SeriesReport = (lives: AsyncIterable<Life>, series: reports.Series) => Promise<Row[]>;

const mostBuckets = 1_200;

export function routes(store: SubscriptionAnalyticsStore, now: () => Instant): readonly Route[] {
  const series = async (
    name: string,
    report: SeriesReport,
    columns: readonly string[],
    query: SeriesQuery,
    accept: unknown,
  ): Promise<RouteResponse | Problem> => {
    const asked = { report: name, ...seriesOf(query, now()) };
    if (bucketCount(asked.from, asked.to, asked.groupBy) > mostBuckets) return tooLong();
    return reportAnswer(accept, asked, columns, await report(store.lives(query.testClock), asked));
  };
  const standing = async (
    name: string,
    by: 'currency' | 'plan',
    columns: readonly string[],
    query: StandingQuery,
    accept: unknown,
  ): Promise<RouteResponse> => {
    const asked = { report: name, at: instantAsked(query) ?? now(), currency: query.currency };
    return reportAnswer(accept, asked, columns, await reports.standings(store.lives(query.testClock), asked.at, by, query.currency));
  };

  return [
    route<undefined, StandingQuery>({
      method: 'get',
      path: '/v1/reports/mrr',
      scope: 'reports:read',
      summary: 'Monthly recurring revenue in minor units: right after `at` (now unless said), or with `from` how it moved.',
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
      summary: 'Subscribers won and lost by day or month, and the share that was lost.',
      query: seriesQuery,
      handle: ({ query, headers }) => series('churn', reports.churnSeries, reports.churnColumns, query, headers.accept),
    }),
    route<undefined, SeriesQuery>({
      method: 'get',
      path: '/v1/reports/trials',
      scope: 'reports:read',
      summary: 'Trials by the day or month they began in, and what became of them.',
      query: seriesQuery,
      handle: ({ query, headers }) => series('trials', reports.trialsSeries, reports.trialsColumns, query, headers.accept),
    }),
    route<undefined, StandingQuery>({
      method: 'get',
      path: '/v1/reports/plans',
      scope: 'reports:read',
      summary: 'Each plan right after `at`, or at the end of a range (now unless said): who pays, tries, pauses, and what recurs.',
      query: standingQuery,
      handle: ({ query, headers }) => standing('plans', 'plan', reports.plansColumns, query, headers.accept),
    }),
  ];
}

/** A range is seen at its end, which does not belong to it. */
function instantAsked(query: StandingQuery): Instant | undefined {
  const { to } = rangeOf(query);
  return query.at === undefined ? to && plusMillis(to, -1) : momentOf(query.at);
}

const millisPerYear = 365 * 86_400_000;

/** A range without an end goes to now, one without a beginning covers the year before its end. */
function seriesOf(query: SeriesQuery, now: Instant): reports.Series {
  const { from, to = now } = rangeOf(query);
  return { from: from ?? plusMillis(to, -millisPerYear), to, groupBy: query.groupBy, currency: query.currency };
}

const tooLong = (): Problem => problem(422, 'range-too-long', `A series has ${mostBuckets} rows at most; group by month or ask for less.`);
