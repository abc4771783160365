import { z } from 'zod';
import { identity, money, utcInstant } from '../shared/fields.ts';
import { ok, type Route, route } from '../shared/route.ts';
import { type Platform, slowRoute } from '../shared/service.ts';
import { spanFields, spanOf } from './case-span.ts';
import { dryRun, type LoadPaths } from './dry-run.ts';
import { policySchema, retryPolicyOf } from './policy.ts';
import type { DunningStore } from './store.ts';

const dryRunBody = z.strictObject({ policy: policySchema, plans: z.array(identity('plan')).min(1).max(200).optional(), ...spanFields });

const counted = z.object({ before: z.int(), after: z.int() });

const path = z.object({
  retries: z.array(utcInstant),
  suspendedAt: utcInstant.nullable(),
  endedAt: utcInstant.nullable(),
  paidAt: utcInstant.nullable(),
});

const dryRunSchema = z
  .object({
    from: utcInstant,
    to: utcInstant,
    cases: z.int(),
    unknown: z.int().meta({ description: 'Cases that were opened before their policy was recorded' }),
    differing: z.int(),
    retries: counted,
    suspended: counted,
    ended: counted,
    recovered: z.object({ cases: z.int(), givenUp: z.int(), notRetried: z.int(), later: z.int(), amountAtRisk: z.array(money) }),
    unrecovered: z.object({ cases: z.int(), keptLonger: z.int(), givenUpSooner: z.int() }),
    sample: z.array(
      z.object({
        caseId: z.string(),
        changes: z.array(z.enum(['retries', 'suspension', 'end', 'payment'])),
        before: path,
        after: path,
      }),
    ),
  })
  .meta({ id: 'DunningDryRun' });

export const dryRunRoutes = (store: DunningStore, platform: Platform): readonly Route[] => {
  const loadPaths: LoadPaths = async (request) =>
    ((await platform.invoke('subscription', 'post', 'dunning-paths', request, slowRoute)) as { paths: Awaited<ReturnType<LoadPaths>> })
      .paths;
  return [
    route<z.infer<typeof dryRunBody>>({
      method: 'post',
      path: '/v1/dunning/policies/dry-run',
      scope: 'dunning:read',
      operationId: 'dryRunDunningPolicy',
      summary: 'Dry-run a dunning policy',
      description:
        'Computes how the cases of a range would have gone under this policy: retries, suspensions and ends before and after, and what would have been recovered or given up. Nothing is saved.',
      readsOnly: true,
      responses: { 200: dryRunSchema },
      body: dryRunBody,
      handle: async ({ body: { policy, plans, ...range } }) => {
        const span = await spanOf(platform, range);
        return ok({ from: span.from, to: span.to, ...(await dryRun(store.casesOf(span, plans), retryPolicyOf(policy), loadPaths)) });
      },
    }),
  ];
};
