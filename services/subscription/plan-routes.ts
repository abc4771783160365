import { z } from 'zod';
import { cadenceSchema } from '../../actors/subscription/schemas.ts';
import { hashOf } from '../shared/idempotency.ts';
import { isId } from '../shared/ids.ts';
import { listQuery } from '../shared/list.ts';
import { isCurrency } from '../shared/money.ts';
import { isDuplicateKey, pageOf } from '../shared/mongo.ts';
import { newId } from '../shared/new-id.ts';
import { notFound, problem } from '../shared/problem.ts';
import { created, ok, type Route, route } from '../shared/route.ts';
import type { Platform } from '../shared/service.ts';
import { type Plan, planOf, type Store } from './store.ts';

const priceSchema = z.strictObject({
  currency: z.string().refine(isCurrency, 'Give an ISO 4217 currency.'),
  amount: z.number().int().min(0).max(1_000_000_000_000),
  interval: cadenceSchema,
  country: z
    .string()
    .regex(/^[A-Z]{2}$/)
    .nullable()
    .default(null),
});

const planBody = z
  .strictObject({
    id: z
      .string()
      .refine((id) => isId('plan', id), 'Give an id such as plan_premium.')
      .optional(),
    name: z
      .record(z.string().min(2).max(35), z.string().min(1).max(200))
      .refine((names) => Object.keys(names).length > 0, 'Give a name in one language at least.'),
    family: z.string().min(1).max(100).optional(),
    prices: z.array(priceSchema).min(1).max(500),
    trialDays: z.number().int().min(0).max(3650).default(0),
    taxBehaviour: z.enum(['inclusive', 'exclusive']).default('inclusive'),
    minQuantity: z.number().int().min(1).default(1),
    maxQuantity: z.number().int().min(1).max(1_000_000).default(1_000_000),
    entitlements: z.record(z.string(), z.unknown()).default({}),
  })
  .refine(({ minQuantity, maxQuantity }) => minQuantity <= maxQuantity, {
    path: ['maxQuantity'],
    message: 'maxQuantity is below minQuantity.',
  })
  .refine(
    ({ prices }) =>
      new Set(prices.map(({ currency, interval, country }) => `${currency} ${interval.unit} ${interval.count} ${country}`)).size ===
      prices.length,
    {
      path: ['prices'],
      message: 'Two prices stand for the same currency, interval and country.',
    },
  );

/** The catalogue. The same creation again answers the same plan; another under the same id is refused. */
export function planRoutes({ plans }: Store, { now }: Platform): readonly Route[] {
  return [
    route({
      method: 'post',
      path: '/v1/plans',
      scope: 'plans:write',
      summary: 'Create a plan',
      body: planBody,
      handle: async ({ body }) => {
        const id = body.id ?? newId('plan');
        const plan: Plan = { ...body, id, version: 1, family: body.family ?? id, createdAt: now() };
        const { id: _id, ...rest } = plan;
        const bodyHash = hashOf({ ...body, id });
        try {
          await plans.collection.insertOne({ _id, ...rest, bodyHash } as never);
          return created(plan);
        } catch (error) {
          if (!isDuplicateKey(error)) throw error;
        }
        const there = await plans.findById(id).lean();
        if (there?.bodyHash === bodyHash) return ok(planOf(there as never));
        return problem(409, 'already-exists', `The plan ${id} exists with other content.`);
      },
    }),
    route({
      method: 'get',
      path: '/v1/plans',
      scope: 'plans:read',
      summary: 'List plans, newest first',
      query: listQuery(),
      handle: async ({ query }) => {
        const page = await pageOf(plans as never, {}, query);
        return ok({ data: page.data.map((row) => planOf(row as never)), nextCursor: page.nextCursor });
      },
    }),
    route({
      method: 'get',
      path: '/v1/plans/:id',
      scope: 'plans:read',
      summary: 'One plan',
      handle: async ({ params: { id = '' } }) => {
        const plan = await plans.findById(id).lean();
        return plan ? ok(planOf(plan as never)) : notFound('plan', id);
      },
    }),
  ];
}
