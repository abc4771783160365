import { z } from 'zod';
import { type RiskCheck, type RiskQuestion, riskQuestionSchema } from '../shared/contracts/risk-check.ts';
import { isId } from '../shared/ids.ts';
import { listQuery, splitListQuery } from '../shared/list.ts';
import { newId } from '../shared/new-id.ts';
import { notFound } from '../shared/problem.ts';
import { created, noContent, ok, type Route, route } from '../shared/route.ts';
import type { Platform } from '../shared/service.ts';
import { instantOf } from '../shared/time.ts';
import { entryOfAction, type OperatorAction } from './entry.ts';
import { type RiskRules, riskRulesSchema } from './risk-settings.ts';
import type { RiskDecision, RiskStore } from './risk-store.ts';
import type { RiskTallies } from './risk-tallies.ts';
import type { AuditStore } from './store.ts';

const customerId = z.string().refine((id) => isId('cus', id), 'the id of a customer');
const instant = z.string().transform((text, check) => {
  const read = instantOf(text);
  if (read === undefined) check.addIssue({ code: 'custom', message: 'an ISO 8601 instant with an offset' });
  return read ?? z.NEVER;
});
const exemptionBody = z.strictObject({ customerId, until: instant.nullable().default(null) });

const decision = z.object({
  id: z.string(),
  kind: z.string(),
  subject: z.string(),
  customerId: z.string(),
  testClock: z.string().nullable(),
  verdict: z.enum(['review', 'refuse']),
  code: z.string(),
  reasons: z.array(z.string()),
  exempted: z.boolean(),
  card: z.string().nullable(),
  country: z.string(),
  at: z.string(),
  createdAt: z.string(),
});

const shown = ({ _id, ...rest }: RiskDecision) => ({ id: _id, ...rest });

/** The rules, what they refused, and whom support lets through. Each change is in the audit trail under who made it. */
export function riskRoutes(store: RiskStore, trail: AuditStore, { now }: Pick<Platform, 'now'>): readonly Route[] {
  const tell = (action: Omit<OperatorAction, 'id'>) => trail.append([entryOfAction({ id: newId('evt'), ...action }, now())]);
  return [
    route({
      method: 'get',
      path: '/v1/risk/rules',
      scope: 'risk:read',
      summary: 'The rules against fraud and abuse',
      answer: riskRulesSchema,
      handle: async () => ok(await store.rules()),
    }),
    route<RiskRules>({
      method: 'put',
      path: '/v1/risk/rules',
      scope: 'risk:write',
      summary: 'Replaces the rules from now on; what is left out takes its default, null switches a rule off',
      body: riskRulesSchema,
      answer: riskRulesSchema,
      handle: async ({ body, principal }) => {
        await store.setRules(body);
        const detail = { off: Object.entries(body).flatMap(([rule, value]) => (value === null ? [rule] : [])) };
        await tell({ who: principal.subject, action: 'risk-rules.changed', subject: 'risk-rules', customerId: '', detail });
        return ok(body);
      },
    }),
    route({
      method: 'get',
      path: '/v1/risk/decisions',
      scope: 'risk:read',
      summary: 'What was refused, or went ahead but is worth a look, newest first; cards are hashes',
      query: listQuery({
        customerId: z.string().optional(),
        verdict: z.enum(['review', 'refuse']).optional(),
        code: z.string().max(100).optional(),
      }),
      answer: z.object({ data: z.array(decision), nextCursor: z.string().nullable() }),
      handle: async ({ query }) => {
        const { page, filters } = splitListQuery(query);
        const { data, nextCursor } = await store.decisions(filters, page);
        return ok({ data: data.map(shown), nextCursor });
      },
    }),
    route<z.infer<typeof exemptionBody>>({
      method: 'post',
      path: '/v1/risk/exemptions',
      scope: 'risk:write',
      summary: 'Lets a customer through whom the rules refuse, except for a blocked country; for ever, or until an instant',
      body: exemptionBody,
      answer: z.object({ customerId: z.string(), until: z.string().nullable(), createdAt: z.string() }),
      handle: async ({ body, principal }) => {
        const exemption = { _id: body.customerId, until: body.until, by: principal.subject, createdAt: now() };
        await store.exempt(exemption);
        await tell(exempted(principal.subject, 'customer.risk-exempted', body.customerId, { until: body.until }));
        return created({ ...body, createdAt: exemption.createdAt });
      },
    }),
    route({
      method: 'delete',
      path: '/v1/risk/exemptions/:customerId',
      scope: 'risk:write',
      summary: 'Holds a customer to the rules again',
      handle: async ({ params: { customerId: id = '' }, principal }) => {
        if (!(await store.endExemption(id))) return notFound('exemption', id);
        await tell(exempted(principal.subject, 'customer.risk-exemption-ended', id));
        return noContent();
      },
    }),
  ];
}

const exempted = (who: string, action: string, id: string, detail: OperatorAction['detail'] = {}): Omit<OperatorAction, 'id'> => ({
  ...{ who, action, subject: id, customerId: id, detail },
});

const releaseBody = z.strictObject({ id: z.string().max(200), taken: z.array(z.string().max(500)).max(20) });

/** For the services that ask before they act. */
export const internalRiskRoutes = (check: RiskCheck, tallies: RiskTallies): readonly Route[] => [
  route<RiskQuestion>({
    method: 'post',
    path: '/risk/questions',
    scope: 'public',
    summary: 'May this go ahead? What is allowed is counted, once for the same id',
    body: riskQuestionSchema,
    handle: async ({ body }) => ok(await check(body)),
  }),
  route<z.infer<typeof releaseBody>>({
    method: 'post',
    path: '/risk/releases',
    scope: 'public',
    summary: 'Gives back what a question took that came to nothing; a repeat changes nothing',
    body: releaseBody,
    handle: async ({ body: { id, taken } }) => {
      for (const tally of taken) await tallies.release(tally, id);
      return ok({});
    },
  }),
];
