import { z } from 'zod';
import { newEvent } from '../../shared/events.ts';
import { isCurrency } from '../../shared/money.ts';
import { problem } from '../../shared/problem.ts';
import { ok, type Route, route } from '../../shared/route.ts';
import type { Platform } from '../../shared/service.ts';
import type { Gateways } from '../gateways/gateways.ts';
import type { RoutingStore } from './store.ts';

const list = (item: z.ZodString) => z.array(item).min(1).max(300).optional();
const routesBody = z.strictObject({
  routes: z
    .array(
      z.strictObject({
        gateway: z.string().min(1).max(100),
        currencies: list(z.string().refine(isCurrency, 'Give an ISO 4217 currency.')),
        countries: list(z.string().regex(/^[A-Z]{2}$/, 'Give an ISO 3166-1 alpha-2 country.')),
      }),
    )
    .max(100),
});

/** Which gateway payments go by: what operators say and see. */
export const routingRoutes = ({ publish, now }: Platform, routing: RoutingStore, gateways: Gateways): readonly Route[] => [
  route({
    method: 'get',
    path: '/v1/payment-routing',
    scope: 'payments:read',
    summary: 'By which gateway payments go, by currency and by country of the customer: the first route that fits',
    answer: routesBody,
    handle: async () => ok({ routes: await routing.routes() }),
  }),
  route({
    method: 'put',
    path: '/v1/payment-routing',
    scope: 'payments:write',
    summary: 'Say by which gateway payments go; methods at other gateways become backups. Holds for attempts that begin from now on',
    body: routesBody,
    answer: routesBody,
    handle: async ({ body }) => {
      const off = body.routes.findIndex(({ gateway }) => !gateways.has(gateway));
      if (off >= 0) return gatewayOff(off, body.routes[off]?.gateway);
      const sequence = await routing.save(body.routes);
      const saved = { type: 'payment-routing.saved', subject: 'payment-routing', sequence, time: now(), customerId: '', testClock: null };
      await publish([newEvent({ ...saved, data: body })]);
      return ok(body);
    },
  }),
];

const gatewayOff = (index: number, gateway = '') => {
  const message = `The gateway ${gateway} is switched off here.`;
  return problem(422, 'gateway-off', message, [{ pointer: `/routes/${index}/gateway`, code: 'gateway-off', message }]);
};
