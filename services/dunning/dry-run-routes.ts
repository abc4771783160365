import { z } from 'zod';
import { ok, type Route, route } from '../shared/route.ts';
import type { Platform } from '../shared/service.ts';
import { spanFields, spanOf } from './case-span.ts';
import { type AskPaths, dryRun } from './dry-run.ts';
import { policySchema, retryPolicyOf } from './policy.ts';
import type { DunningStore } from './store.ts';

const dryRunBody = z.strictObject({ policy: policySchema, plans: z.array(z.string()).min(1).max(200).optional(), ...spanFields });

type DryRunBody = z.infer<typeof dryRunBody>;

export const dryRunRoutes = (store: DunningStore, platform: Platform): readonly Route[] => {
  const askPaths: AskPaths = async (question) =>
    ((await platform.invoke('subscription', 'post', 'dunning-paths', question)) as { paths: Awaited<ReturnType<AskPaths>> }).paths;
  return [
    route<DryRunBody>({
      method: 'post',
      path: '/v1/dunning/policies/dry-run',
      scope: 'dunning:read',
      summary: 'What a policy would have changed for the cases of a span, of all plans or some, if it had been theirs; nothing is saved.',
      body: dryRunBody,
      handle: async ({ body: { policy, plans, ...asked } }) => {
        const span = await spanOf(platform, asked);
        return ok({ from: span.from, to: span.to, ...(await dryRun(store.casesOf(span, plans), retryPolicyOf(policy), askPaths)) });
      },
    }),
  ];
};
