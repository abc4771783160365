import { z } from 'zod';
import { changedMeanwhile, preconditionFailed } from '../../shared/etag.ts';
import { newEvent } from '../../shared/events.ts';
import { country, currency } from '../../shared/fields.ts';
import { problem } from '../../shared/problem.ts';
import { ok, type Route, route } from '../../shared/route.ts';
import type { Platform } from '../../shared/service.ts';
import type { Gateways } from '../gateways/gateways.ts';
import type { RoutingStore } from './store.ts';

const list = <Item extends z.ZodType>(item: Item) => z.array(item).min(1).max(300).exactOptional();

const gatewayRoute = z.strictObject({
  gateway: z
    .string()
    .min(1)
    .max(100)
    .meta({ description: 'Name of a gateway that is configured', examples: ['stripe'] }),
  currencies: list(currency).meta({ description: 'Currencies that the route applies to; all if absent' }),
  countries: list(country).meta({ description: 'Countries of customers that the route applies to; all if absent' }),
});

const routingBody = z.strictObject({ routes: z.array(gatewayRoute).max(100) }).meta({ id: 'UpdatePaymentRouting' });

const routingSchema = z
  .object({ routes: z.array(z.object(gatewayRoute.shape)) })
  .meta({ id: 'PaymentRouting', description: 'The preferred gateways of payments; the first route that matches applies' });

/** The preferred gateways of payments, for operators. */
export const routingRoutes = ({ publish, now }: Platform, routing: RoutingStore, gateways: Gateways): readonly Route[] => [
  route({
    method: 'get',
    path: '/v1/payment-routing',
    scope: 'payments:read',
    operationId: 'retrievePaymentRouting',
    summary: 'Retrieve payment routing',
    description:
      'Returns which gateway payments prefer, by currency and country of the customer. The first route that matches a payment, ' +
      'and whose gateway the customer has a payment method at, applies.',
    etag: true,
    responses: { 200: routingSchema },
    handle: async () => ok({ routes: await routing.routes() }),
  }),
  route({
    method: 'put',
    path: '/v1/payment-routing',
    scope: 'payments:write',
    operationId: 'updatePaymentRouting',
    summary: 'Update payment routing',
    description:
      'Replaces the preferred gateways of payments. Methods at other gateways become backups. The routes apply to attempts that ' +
      'start from now on. A repeat changes nothing. With If-Match, they are replaced only while their ETag matches.',
    etag: true,
    ifMatch: true,
    body: routingBody,
    responses: { 200: routingSchema },
    problems: ['gateway-off'],
    handle: async ({ body, headers: { 'if-match': ifMatch } }) => {
      const unknown = body.routes.findIndex(({ gateway }) => !gateways.has(gateway));
      if (unknown >= 0) return gatewayOff(unknown, body.routes[unknown]?.gateway);
      const before = ifMatch === undefined ? undefined : await routing.version();
      const failed = preconditionFailed(ifMatch, before && { routes: before.routes });
      if (failed) return failed;
      const sequence = await routing.save(body.routes, before?.sequence);
      if (sequence === undefined) return changedMeanwhile();
      const about = { subject: 'payment-routing', sequence, time: now(), customerId: '', testClock: null };
      await publish([newEvent({ type: 'payment-routing.saved', ...about, data: body })]);
      return ok(body);
    },
  }),
];

const gatewayOff = (index: number, gateway = '') => {
  const message = `The gateway ${gateway} is not configured.`;
  return problem(422, 'gateway-off', message, [{ pointer: `/routes/${index}/gateway`, code: 'gateway-off', message }]);
};
