import { z } from 'zod';
import type { ClockResult, SubscriptionClient } from '../../../actors/subscription/client.ts';
import { identity, instant, utcInstant } from '../../shared/fields.ts';
import { newId } from '../../shared/new-id.ts';
import type { Problem } from '../../shared/problem.ts';
import { accepted, created, ok, type Route, type RouteResponse, refused, route } from '../../shared/route.ts';

const clockBody = z.strictObject({ id: identity('tc').optional(), now: instant }).meta({ id: 'CreateTestClock' });
const advanceBody = z.strictObject({ to: instant }).meta({ id: 'AdvanceTestClock' });

const testClockSchema = z
  .object({
    id: z.string(),
    now: utcInstant.meta({ description: 'The time of the clock' }),
    status: z.enum(['ready', 'advancing']),
    advancingTo: utcInstant.nullable().meta({ description: 'The instant it advances to; null when ready' }),
  })
  .meta({ id: 'TestClock', description: 'A time that stands still until it is advanced, and on which chosen customers live' });

const clockResponse = (result: ClockResult, respond: (body: unknown) => RouteResponse): RouteResponse | Problem =>
  result.ok ? respond(result.testClock) : refused(result.rejection);

/** The routes of test clocks; they do not exist where test clocks are switched off. */
export const clockRoutes = (client: SubscriptionClient): readonly Route[] => [
  route({
    method: 'post',
    path: '/v1/test-clocks',
    scope: 'test-clocks:write',
    operationId: 'createTestClock',
    summary: 'Create a test clock',
    description:
      'Creates a clock that stands at any instant, past or future. Customers are put on it when they are created. ' +
      'A repeat with the same id and instant changes nothing; another instant under the same id is refused.',
    body: clockBody,
    responses: { 201: testClockSchema },
    problems: ['already-exists'],
    handle: async ({ body }) => clockResponse(await client.createClock(body.id ?? newId('tc'), body.now), created),
  }),
  route({
    method: 'get',
    path: '/v1/test-clocks/:id',
    scope: 'test-clocks:read',
    operationId: 'retrieveTestClock',
    summary: 'Retrieve a test clock',
    description: 'Returns a test clock. It is ready when everything that was due by its time has happened in every service.',
    responses: { 200: testClockSchema },
    problems: ['test-clock-not-found'],
    handle: async ({ params: { id = '' } }) => clockResponse(await client.getClock(id), ok),
  }),
  route({
    method: 'post',
    path: '/v1/test-clocks/:id/advance',
    scope: 'test-clocks:write',
    operationId: 'advanceTestClock',
    summary: 'Advance a test clock',
    description:
      'Advances the subscriptions of the clock to a later instant, each renewal and retry at its own time, in the background. ' +
      'Retrieve the clock until it is ready. A repeat changes nothing; another target is refused while the clock is advancing.',
    body: advanceBody,
    responses: { 202: testClockSchema },
    problems: ['test-clock-not-found', 'clock-advancing', 'clock-backwards'],
    handle: async ({ params: { id = '' }, body }) => clockResponse(await client.advanceClock(id, body.to), accepted),
  }),
];
