import { z } from 'zod';
import { subscriptionStatusSchema } from '../shared/contracts/subscription-resource.ts';
import { utcInstant } from '../shared/fields.ts';
import { collectionOf } from '../shared/mongo.ts';
import { ok, type Route, route } from '../shared/route.ts';
import type { Access, Store } from './store.ts';

/** Statuses with access: in trial, paid, or in the grace period. */
const withAccess = new Set(['trialing', 'active', 'past-due']);

const entitlementsSchema = z
  .object({
    customerId: z.string(),
    active: z.boolean().meta({ description: 'True if any subscription grants access' }),
    until: utcInstant.nullable().meta({ description: 'Latest known end of access; null without an end, or without access' }),
    entitlements: z.record(z.string(), z.unknown()).meta({ description: 'Union of what the subscriptions grant' }),
    subscriptions: z
      .array(z.object({ id: z.string(), status: subscriptionStatusSchema, planId: z.string(), until: utcInstant.nullable() }))
      .meta({ description: 'Subscriptions that grant access now' }),
  })
  .meta({ id: 'Entitlements', description: 'The access of a customer' });

/** The access of a customer, from one document that is read by its id. */
export const entitlementRoutes = ({ access }: Store): readonly Route[] => [
  route({
    method: 'get',
    path: '/v1/customers/:id/entitlements',
    scope: 'entitlements:read',
    operationId: 'retrieveEntitlements',
    summary: 'Retrieve the entitlements of a customer',
    description:
      'Returns whether a customer has access, until when, and to what, over all subscriptions. It is made for frequent calls. ' +
      'A customer without subscriptions, or one that does not exist, has no access.',
    responses: { 200: entitlementsSchema },
    handle: async ({ params: { id = '' } }) => {
      const row = await collectionOf(access).findOne({ _id: id });
      return ok(entitlementsOf(id, row?.subscriptions ?? {}));
    },
  }),
];

/**
 * The union of the entitlements of all subscriptions with access: the greater number, `true` before
 * `false`, both lists. `ads` is true only if all subscriptions have it.
 */
export function entitlementsOf(customerId: string, subscriptions: Readonly<Record<string, Access>>) {
  const granting = Object.entries(subscriptions).filter(([, { status }]) => withAccess.has(status));
  const entitlements: Record<string, unknown> = {};
  for (const [, grant] of granting)
    for (const [name, value] of Object.entries(grant.entitlements))
      entitlements[name] = name in entitlements ? better(name, entitlements[name], value) : value;
  const ends = granting.map(([, { until }]) => until);
  return {
    customerId,
    active: granting.length > 0,
    until: ends.includes(null) ? null : (ends.sort().at(-1) ?? null),
    entitlements,
    subscriptions: granting.map(([id, { status, planId, until }]) => ({ id, status, planId, until })),
  };
}

const qualities = ['sd', 'hd', 'fhd', 'uhd'];

function better(name: string, left: unknown, right: unknown): unknown {
  if (typeof left === 'number' && typeof right === 'number') return Math.max(left, right);
  if (typeof left === 'boolean' && typeof right === 'boolean') return name === 'ads' ? left && right : left || right;
  if (Array.isArray(left) && Array.isArray(right)) return [...new Set([...left, ...right])];
  if (name === 'quality') return qualities.indexOf(String(right)) > qualities.indexOf(String(left)) ? right : left;
  return left;
}
