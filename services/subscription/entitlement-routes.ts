import { ok, type Route, route } from '../shared/route.ts';
import type { Access, Store } from './store.ts';

/** Statuses with access: paid, in trial, or in grace. */
const withAccess = new Set(['trialing', 'active', 'past-due']);

/** What a customer may watch, from one document read by its id. */
export const entitlementRoutes = ({ access }: Store): readonly Route[] => [
  route({
    method: 'get',
    path: '/v1/customers/:id/entitlements',
    scope: 'entitlements:read',
    summary: 'Whether a customer has access, until when, and to what',
    handle: async ({ params: { id = '' } }) => ok(entitlementsOf(id, (await access.findById(id).lean())?.subscriptions ?? {})),
  }),
];

/** The union of what each subscription with access grants: the greater number, `true` before `false`, both lists; `ads` only if all have them. */
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
