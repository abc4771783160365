import type { CommandResult, SubscriptionClient } from '../../actors/subscription/client.ts';
import type { Problem } from '../shared/problem.ts';
import { ok, type RouteResponse, refused } from '../shared/route.ts';
import type { Platform } from '../shared/service.ts';

/** The response to a command: the subscription after it, or the rejection as a problem. */
export type CommandResponse = (result: CommandResult) => Promise<RouteResponse | Problem>;

/** Longest wait of a response for the events of a test clock. */
export const millisToWaitForClock = 15_000;

/** On a test clock the response waits until everything that the command causes has happened. */
export const commandResponse =
  ({ settlement }: Pick<Platform, 'settlement'>, client: Pick<SubscriptionClient, 'get'>): CommandResponse =>
  async (result) => {
    if (!result.ok) return refused(result.rejection);
    const { subscription, events } = result;
    if (subscription.testClock === null) return ok(subscription);
    await settlement.settled(events, millisToWaitForClock);
    return ok((await client.get(subscription.id)) ?? subscription);
  };
