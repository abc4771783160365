import type { CommandResult, SubscriptionClient, SubscriptionResource } from '../../actors/subscription/client.ts';
import { decide } from '../../actors/subscription/rules/decide.ts';
import { fold } from '../../actors/subscription/rules/evolve.ts';
import { resourceOf } from '../../actors/subscription/rules/resource.ts';
import type { Subscription, SubscriptionCommand, Terms } from '../../actors/subscription/rules/subscription.ts';
import { given, paid, start } from './subscription-life.ts';

/**
 * Subscriptions that decide like the real ones, without actors around them; a repeated key gets the
 * former response.
 */
export function subscriptionsInMemory(now: () => string) {
  const states = new Map<string, Subscription>();
  const responses = new Map<string, CommandResult>();
  let turns = 0;

  const command: SubscriptionClient['command'] = async (id, type, body, { idempotencyKey } = {}) => {
    const known = idempotencyKey === undefined ? undefined : responses.get(idempotencyKey);
    if (known) return known;
    turns += 1;
    const state = states.get(id) as Subscription;
    const decision = decide(state, { type, ...body } as SubscriptionCommand, now());
    if (!decision.ok) return decision;
    const after = fold(decision.value, state);
    states.set(id, after);
    const events = decision.value.map((_, index) => `evt_${id}_${state.sequence + index + 1}`);
    const response: CommandResult = { ok: true, subscription: resourceOf(after, null), events };
    if (idempotencyKey !== undefined) responses.set(idempotencyKey, response);
    return response;
  };

  const begin: SubscriptionClient['start'] = async (id, { clock: _, ...body }) => {
    turns += 1;
    const command = { type: 'start', id, endsAt: null, coupons: [], ...body } as SubscriptionCommand;
    const decision = decide(states.get(id), command, now());
    if (!decision.ok) return decision;
    const after = fold(decision.value, states.get(id) as Subscription);
    states.set(id, after);
    return { ok: true, subscription: resourceOf(after, null), events: decision.value.map((_, index) => `${id}:${index + 1}`) };
  };

  return {
    command,
    start: begin,
    get: async (id: string): Promise<SubscriptionResource | undefined> => {
      const state = states.get(id);
      return state && resourceOf(state, null);
    },
    /** A subscription that is paid and active since the first of the month. */
    add: (id: string, terms: Terms, startedAt: string): SubscriptionResource => {
      const { before } = given([start({ id, terms }), startedAt], [paid, startedAt]);
      states.set(id, before as Subscription);
      return resourceOf(before as Subscription, null);
    },
    turns: () => turns,
  };
}
