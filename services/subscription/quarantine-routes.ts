import type { SubscriptionClient } from '../../actors/subscription/client.ts';
import { releaseQuarantineSchema } from '../../actors/subscription/command-schemas.ts';
import { subscriptionSchema } from '../shared/contracts/subscription-resource.ts';
import { type Route, route } from '../shared/route.ts';
import type { CommandResponse } from './command-response.ts';

/** For operators: the way out of quarantine. */
export const quarantineRoutes = (client: Pick<SubscriptionClient, 'releaseQuarantine'>, respond: CommandResponse): readonly Route[] => [
  route({
    method: 'post',
    path: '/v1/subscriptions/:id/release-quarantine',
    scope: 'system:write',
    operationId: 'releaseSubscriptionQuarantine',
    summary: 'Release a subscription from quarantine',
    description:
      'Tries the command again that would have broken an invariant, or leaves it out with dropCommand. ' +
      'Where none is broken any more, the subscription continues, and payments that arrived meanwhile take effect. ' +
      'A subscription that is in no quarantine stays as it is.',
    body: releaseQuarantineSchema,
    responses: { 200: subscriptionSchema },
    problems: ['subscription-not-found', 'quarantined'],
    handle: async ({ params: { id = '' }, body }) => respond(await client.releaseQuarantine(id, body)),
  }),
];
