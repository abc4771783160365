import { z } from 'zod';
import { ok, type Route, route } from '../shared/route.ts';
import type { Platform } from '../shared/service.ts';
import { resourceOf } from './case.ts';
import { type AskedSpan, type CaseSpan, spanFields, spanOf } from './case-span.ts';
import type { MatchedPolicyStore } from './matched-policy-store.ts';
import { retryPolicyOf } from './policy.ts';
import type { DunningStore } from './store.ts';
import { type NamedPolicy, noCases, plusCase, policyIdOf, type Summary, summaryOf } from './summary.ts';

const figures = {
  opened: z.number(),
  recovered: z.number(),
  lost: z.number(),
  open: z.number(),
  recoveredAmounts: z.array(z.object({ amount: z.number(), currency: z.string() })),
  recoveryRate: z.number().nullable(),
  attemptsPerRecovery: z.number().nullable(),
};

const answer = z.object({
  from: z.string(),
  to: z.string(),
  ...figures,
  byCategory: z.array(z.object({ category: z.string(), ...figures })),
  byPolicy: z.array(z.object({ policyId: z.string().nullable(), ...figures })),
});

export const summaryRoutes = (store: DunningStore, policies: MatchedPolicyStore, platform: Platform): readonly Route[] => {
  const named = async (): Promise<readonly NamedPolicy[]> => [
    { id: 'default', policy: retryPolicyOf(await store.policy()) },
    ...(await policies.all()),
  ];
  /** One case after the other: what is held are the figures. */
  const summarised = async (span: CaseSpan): Promise<Summary> => {
    const inForce = await named();
    let tallies = noCases;
    for await (const row of store.casesOf(span)) tallies = plusCase(tallies, resourceOf(row), policyIdOf(row, inForce));
    return summaryOf(tallies);
  };
  return [
    route<undefined, AskedSpan>({
      method: 'get',
      path: '/v1/dunning/summary',
      scope: 'dunning:read',
      summary: 'How the cases of a span went: recovered, lost and open, what they took and brought in, by decline category and by policy.',
      query: z.strictObject(spanFields),
      answer,
      handle: async ({ query }) => {
        const span = await spanOf(platform, query);
        return ok({ from: span.from, to: span.to, ...(await summarised(span)) });
      },
    }),
  ];
};
