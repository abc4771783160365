import type { ClockResult, SubscriptionClient } from '../../../actors/subscription/client.ts';
import { newId } from '../../shared/new-id.ts';
import type { Problem } from '../../shared/problem.ts';
import { accepted, created, ok, type Route, type RouteResponse, refused, route } from '../../shared/route.ts';
import { advanceBody, clockBody } from '../bodies.ts';

const answerOf = (answer: ClockResult, as: (body: unknown) => RouteResponse): RouteResponse | Problem =>
  answer.ok ? as(answer.testClock) : refused(answer.rejection);

/** Test clocks: frozen times that whole subscriptions live on. Not offered where they are switched off. */
export const clockRoutes = (client: SubscriptionClient): readonly Route[] => [
  route({
    method: 'post',
    path: '/v1/test-clocks',
    scope: 'test-clocks:write',
    summary: 'Make a test clock at any instant',
    body: clockBody,
    handle: async ({ body }) => answerOf(await client.createClock(body.id ?? newId('tc'), body.now), created),
  }),
  route({
    method: 'get',
    path: '/v1/test-clocks/:id',
    scope: 'test-clocks:read',
    summary: 'One test clock: ready when everything that had to happen has happened',
    handle: async ({ params: { id = '' } }) => answerOf(await client.getClock(id), ok),
  }),
  route({
    method: 'post',
    path: '/v1/test-clocks/:id/advance',
    scope: 'test-clocks:write',
    summary: 'Walk the clock’s subscriptions to a later instant',
    body: advanceBody,
    handle: async ({ params: { id = '' }, body }) => answerOf(await client.advanceClock(id, body.to), accepted),
  }),
];
