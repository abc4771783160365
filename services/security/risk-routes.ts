import { z } from 'zod';
import { type RiskCheck, type RiskQuestion, riskQuestionSchema } from '../shared/contracts/risk-check.ts';
import { changedMeanwhile, preconditionFailed } from '../shared/etag.ts';
import { identity, instant, utcInstant } from '../shared/fields.ts';
import { listQuery, pageSchema, splitListQuery } from '../shared/list.ts';
import { newId } from '../shared/new-id.ts';
import { notFound } from '../shared/problem.ts';
import { created, noContent, ok, type Route, route } from '../shared/route.ts';
import type { Platform } from '../shared/service.ts';
import { entryOfAction, type OperatorAction } from './entry.ts';
import { type RiskRules, riskRulesSchema } from './risk-settings.ts';
import type { RiskDecision, RiskStore } from './risk-store.ts';
import type { RiskTallies } from './risk-tallies.ts';
import type { AuditStore } from './store.ts';

const exemptionBody = z.strictObject({ customerId: identity('cus'), until: instant.nullable().default(null) });

const exemptionSchema = z
  .object({ customerId: z.string(), until: utcInstant.nullable().meta({ description: 'Null: without an end' }), createdAt: utcInstant })
  .meta({ id: 'RiskExemption' });

const decisionSchema = z
  .object({
    id: z.string(),
    kind: z.string(),
    subject: z.string(),
    customerId: z.string(),
    testClock: z.string().nullable(),
    verdict: z.enum(['review', 'refuse']),
    code: z.string(),
    reasons: z.array(z.string()),
    exempted: z.boolean(),
    card: z.string().nullable().meta({ description: 'A hash of the card' }),
    country: z.string(),
    at: utcInstant.meta({ description: 'Domain time' }),
    createdAt: utcInstant,
  })
  .meta({ id: 'RiskDecision' });

const decisionResource = ({ _id, ...rest }: RiskDecision) => ({ id: _id, ...rest });

/**
 * The risk rules, their decisions, and the customers who are exempt. Each change is in the audit
 * trail with its operator.
 */
export function riskRoutes(store: RiskStore, trail: AuditStore, { now }: Pick<Platform, 'now'>): readonly Route[] {
  const recordAction = (action: Omit<OperatorAction, 'id'>) => trail.append([entryOfAction({ id: newId('evt'), ...action }, now())]);
  return [
    route({
      method: 'get',
      path: '/v1/risk/rules',
      scope: 'risk:read',
      operationId: 'retrieveRiskRules',
      summary: 'Retrieve the risk rules',
      description: 'The rules of the built-in risk check against fraud and abuse; null means that a rule is off.',
      etag: true,
      responses: { 200: riskRulesSchema },
      handle: async () => ok(await store.rules()),
    }),
    route<RiskRules>({
      method: 'put',
      path: '/v1/risk/rules',
      scope: 'risk:write',
      operationId: 'replaceRiskRules',
      summary: 'Replace the risk rules',
      description:
        'Replaces all rules from now on. A rule that is left out takes its default; null switches it off. The change is in the ' +
        'audit trail. With If-Match, the rules are replaced only while their ETag matches.',
      etag: true,
      ifMatch: true,
      body: riskRulesSchema,
      responses: { 200: riskRulesSchema },
      handle: async ({ body, principal, headers: { 'if-match': ifMatch } }) => {
        const before = ifMatch === undefined ? undefined : await store.rulesVersion();
        const failed = preconditionFailed(ifMatch, before?.rules);
        if (failed) return failed;
        if (!(await store.setRules(body, before))) return changedMeanwhile();
        const detail = { off: Object.entries(body).flatMap(([rule, value]) => (value === null ? [rule] : [])) };
        await recordAction({ who: principal.subject, action: 'risk-rules.changed', subject: 'risk-rules', customerId: '', detail });
        return ok(body);
      },
    }),
    route({
      method: 'get',
      path: '/v1/risk/decisions',
      scope: 'risk:read',
      operationId: 'listRiskDecisions',
      summary: 'List risk decisions',
      description: 'Requests that the risk check refused or marked for review, newest first. Cards are shown as hashes.',
      query: listQuery({
        customerId: identity('cus').optional(),
        verdict: z.enum(['review', 'refuse']).optional(),
        code: z.string().max(100).optional(),
      }),
      responses: { 200: pageSchema(decisionSchema) },
      handle: async ({ query }) => {
        const { page, filters } = splitListQuery(query);
        const { data, nextCursor } = await store.decisions(filters, page);
        return ok({ data: data.map(decisionResource), nextCursor });
      },
    }),
    route<z.infer<typeof exemptionBody>>({
      method: 'post',
      path: '/v1/risk/exemptions',
      scope: 'risk:write',
      operationId: 'createRiskExemption',
      summary: 'Exempt a customer from risk rules',
      description:
        'Lets a customer pass whom the rules would refuse, permanently or until an instant. Blocked countries still apply. A repeat replaces the exemption.',
      body: exemptionBody,
      responses: { 201: exemptionSchema },
      handle: async ({ body, principal }) => {
        const exemption = { _id: body.customerId, until: body.until, by: principal.subject, createdAt: now() };
        await store.exempt(exemption);
        await recordAction(exemptionAction(principal.subject, 'customer.risk-exempted', body.customerId, { until: body.until }));
        return created({ ...body, createdAt: exemption.createdAt });
      },
    }),
    route({
      method: 'delete',
      path: '/v1/risk/exemptions/:customerId',
      scope: 'risk:write',
      operationId: 'deleteRiskExemption',
      summary: 'Remove a risk exemption',
      description: 'Applies the risk rules to the customer again.',
      responses: { 204: 'empty' },
      problems: ['exemption-not-found'],
      handle: async ({ params: { customerId: id = '' }, principal }) => {
        if (!(await store.endExemption(id))) return notFound('exemption', id);
        await recordAction(exemptionAction(principal.subject, 'customer.risk-exemption-ended', id));
        return noContent();
      },
    }),
  ];
}

const exemptionAction = (who: string, action: string, id: string, detail: OperatorAction['detail'] = {}): Omit<OperatorAction, 'id'> => ({
  ...{ who, action, subject: id, customerId: id, detail },
});

const releaseBody = z.strictObject({ id: z.string().max(200), taken: z.array(z.string().max(500)).max(20) });

/** For the services that check for risk before they act. */
export const internalRiskRoutes = (check: RiskCheck, tallies: RiskTallies): readonly Route[] => [
  route<RiskQuestion>({
    method: 'post',
    path: '/risk/questions',
    scope: 'public',
    summary: 'Check a request for risk',
    body: riskQuestionSchema,
    handle: async ({ body }) => ok(await check(body)),
  }),
  route<z.infer<typeof releaseBody>>({
    method: 'post',
    path: '/risk/releases',
    scope: 'public',
    summary: 'Release the limits that a request used',
    body: releaseBody,
    handle: async ({ body: { id, taken } }) => {
      for (const tally of taken) await tallies.release(tally, id);
      return ok({});
    },
  }),
];
