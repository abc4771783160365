import type { z } from 'zod';
import type { CommandBody, CommandName, SubscriptionClient } from '../../actors/subscription/client.ts';
import { subscriptionSchema } from '../shared/contracts/subscription-resource.ts';
import type { ProblemCode } from '../shared/problems/index.ts';
import { type Route, route } from '../shared/route.ts';
import { cancelBody, emptyBody, pauseBody, resumeBody } from './bodies.ts';
import type { CommandResponse } from './command-response.ts';

type CommandRoute<Name extends CommandName> = Required<Pick<Route, 'operationId' | 'summary' | 'description'>> & {
  readonly command: Name;
  readonly body: z.ZodType<CommandBody<Name>>;
  readonly problems: readonly ProblemCode[];
};

/** Commands that need nothing but their body; the actor decides. */
export function commandRoutes(client: SubscriptionClient, respond: CommandResponse): readonly Route[] {
  const commandRoute = <Name extends CommandName>(path: string, { command, problems, ...rest }: CommandRoute<Name>): Route =>
    route<CommandBody<Name>>({
      ...rest,
      method: 'post',
      path: `/v1/subscriptions/:id/${path}`,
      scope: 'subscriptions:write',
      responses: { 200: subscriptionSchema },
      problems: ['subscription-not-found', 'quarantined', ...problems],
      handle: async ({ params: { id = '' }, body, idempotencyKey }) => respond(await client.command(id, command, body, { idempotencyKey })),
    });

  return [
    commandRoute('cancel', {
      command: 'cancel',
      operationId: 'cancelSubscription',
      summary: 'Cancel a subscription',
      description:
        'Cancels at the end of the current period or trial, immediately, or at an instant. Unused time may be credited or refunded. ' +
        'An incomplete or scheduled subscription ends immediately. A repeat, or a cancellation after the end, changes nothing.',
      body: cancelBody,
      problems: ['billing-mode-mismatch'],
    }),
    commandRoute('uncancel', {
      command: 'uncancel',
      operationId: 'uncancelSubscription',
      summary: 'Withdraw a scheduled cancellation',
      description: 'Withdraws a cancellation that has not taken effect yet, so that the subscription renews as before.',
      body: emptyBody,
      problems: ['nothing-scheduled', 'subscription-ended'],
    }),
    commandRoute('pause', {
      command: 'pause',
      operationId: 'pauseSubscription',
      summary: 'Pause a subscription',
      description:
        'Stops access and billing at the end of the current period or immediately. With until it resumes automatically. ' +
        'The rest of the paid period ends, is credited, or is kept for later. Only an active subscription can pause. A repeat changes nothing.',
      body: pauseBody,
      problems: ['wrong-status', 'payment-outstanding', 'until-too-early', 'subscription-ended'],
    }),
    commandRoute('resume', {
      command: 'resume',
      operationId: 'resumeSubscription',
      summary: 'Resume a subscription',
      description: 'Resumes a paused subscription immediately and bills what is due, or withdraws a pause that has not begun.',
      body: resumeBody,
      problems: ['wrong-status', 'payment-outstanding', 'term-over', 'subscription-ended'],
    }),
    commandRoute('retry-payment', {
      command: 'retryPayment',
      operationId: 'retrySubscriptionPayment',
      summary: 'Retry the failed payment of a subscription',
      description: 'Starts another attempt to collect the oldest unpaid invoice immediately, in addition to the scheduled retries.',
      body: emptyBody,
      problems: ['nothing-to-retry', 'subscription-ended'],
    }),
  ];
}
