import { z } from 'zod';
import { money, utcInstant } from '../shared/fields.ts';
import { ok, type Route, route } from '../shared/route.ts';
import type { Platform } from '../shared/service.ts';
import { resourceOf } from './case.ts';
import { type CaseSpan, type SpanQuery, spanFields, spanOf } from './case-span.ts';
import type { MatchedPolicyStore } from './matched-policy-store.ts';
import { retryPolicyOf } from './policy.ts';
import type { DunningStore } from './store.ts';
import { type NamedPolicy, noCases, policyIdOf, type Summary, summaryOf, talliesWith } from './summary.ts';

const figures = {
  opened: z.number(),
  recovered: z.number(),
  lost: z.number(),
  open: z.number(),
  recoveredAmounts: z.array(money),
  recoveryRate: z.number().nullable(),
  attemptsPerRecovery: z.number().nullable(),
};

const summarySchema = z
  .object({
    from: utcInstant,
    to: utcInstant,
    ...figures,
    byCategory: z.array(z.object({ category: z.string(), ...figures })),
    byPolicy: z.array(z.object({ policyId: z.string().nullable(), ...figures })),
  })
  .meta({ id: 'DunningSummary' });

export const summaryRoutes = (store: DunningStore, policies: MatchedPolicyStore, platform: Platform): readonly Route[] => {
  const named = async (): Promise<readonly NamedPolicy[]> => [
    { id: 'default', policy: retryPolicyOf(await store.policy()) },
    ...(await policies.all()),
  ];
  /** Streams the cases, so only the figures are in memory. */
  const summarised = async (span: CaseSpan): Promise<Summary> => {
    const inForce = await named();
    let tallies = noCases;
    for await (const row of store.casesOf(span)) tallies = talliesWith(tallies, resourceOf(row), policyIdOf(row, inForce));
    return summaryOf(tallies);
  };
  return [
    route<undefined, SpanQuery>({
      method: 'get',
      path: '/v1/dunning/summary',
      scope: 'dunning:read',
      operationId: 'retrieveDunningSummary',
      summary: 'Summarise dunning cases',
      description:
        'Recovered, lost and open cases of a range, with attempts and recovered amounts, by decline category and by policy. The range defaults to the last 90 days.',
      query: z.strictObject(spanFields),
      responses: { 200: summarySchema },
      handle: async ({ query }) => {
        const span = await spanOf(platform, query);
        return ok({ from: span.from, to: span.to, ...(await summarised(span)) });
      },
    }),
  ];
};
