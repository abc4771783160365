import { z } from 'zod';
import type { QueryName, QueryResult, QueryResults, SubscriptionClient } from '../../actors/subscription/client.ts';
import { changeBody } from '../../actors/subscription/command-schemas.ts';
import { forecastSchema, plannedCommandSchema, whatIfSchema } from '../../actors/subscription/query-schemas.ts';
import { instantSchema } from '../../actors/subscription/terms-schemas.ts';
import type { Problem } from '../shared/problem.ts';
import { ok, type Route, type RouteResponse, refused, route } from '../shared/route.ts';
import type { Platform } from '../shared/service.ts';
import { askForDifferences } from './invoice-preview.ts';

/** Questions about any time of a subscription: what a command would do, what will happen, what would if, what was, and whether all of it adds up. */
export function foresightRoutes(platform: Platform, client: SubscriptionClient): readonly Route[] {
  const respond = (result: QueryResult<QueryName>): RouteResponse | Problem => {
    if (!result.ok) return refused(result.rejection);
    const { ok: _, ...fields } = result;
    return ok(fields);
  };

  return [
    route({
      method: 'post',
      path: '/v1/subscriptions/:id/change/preview',
      scope: 'subscriptions:read',
      summary: 'The invoice that the same change would make now, to the cent',
      body: changeBody,
      handle: async ({ params: { id = '' }, body }) => {
        const result = await client.query(id, 'preview', { command: 'change', body });
        return result.ok ? ok(previewOf(result)) : refused(result.rejection);
      },
    }),
    route({
      method: 'post',
      path: '/v1/subscriptions/:id/preview',
      scope: 'subscriptions:read',
      summary: 'What any command would do now: its events, its invoices, the subscription after it',
      body: plannedCommandSchema,
      handle: async ({ params: { id = '' }, body: { command, body } }) => respond(await client.query(id, 'preview', { command, body })),
    }),
    route({
      method: 'get',
      path: '/v1/subscriptions/:id/forecast',
      scope: 'subscriptions:read',
      summary: 'Everything that will happen until an instant if nothing changes; assume=declined shows the dunning path',
      query: forecastSchema,
      handle: async ({ params: { id = '' }, query }) => respond(await client.query(id, 'forecast', query)),
    }),
    route({
      method: 'post',
      path: '/v1/subscriptions/:id/what-if',
      scope: 'subscriptions:read',
      summary: 'A copy of the subscription, run through a scripted future',
      body: whatIfSchema,
      handle: async ({ params: { id = '' }, body }) => respond(await client.query(id, 'whatIf', body)),
    }),
    route({
      method: 'post',
      path: '/v1/subscriptions/:id/verify',
      scope: 'subscriptions:read',
      summary: 'Folds the history again and derives every invoice anew; answers what differs from what is stored',
      handle: async ({ params: { id = '' } }) => {
        const answer = await client.query(id, 'verify', {});
        if (!answer.ok) return refused(answer.rejection);
        const { asked, complaints, customerId } = answer;
        const differences = await askForDifferences(platform, { id, customerId }, asked);
        return ok({ verified: complaints.length + differences.length === 0, invoices: asked.length, complaints, differences });
      },
    }),
  ];
}

/** The one invoice of a change, or one of nothing where it makes none; and what comes of the subscription. */
function previewOf({ at, invoices, subscription }: QueryResults['preview']): unknown {
  const [invoice] = invoices as readonly object[];
  return { ...(invoice ?? noInvoice), at, subscription };
}

const noInvoice = {
  id: null,
  status: 'draft',
  lines: [],
  subtotal: 0,
  discount: 0,
  tax: 0,
  total: 0,
  creditApplied: 0,
  amountDue: 0,
  amountPaid: 0,
};

export const asOfQuery = z.strictObject({ asOf: instantSchema.optional() });
