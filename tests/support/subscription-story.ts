import type { ExecutionContext } from 'ava';
import { evolve } from '../../actors/subscription/rules/evolve.ts';
import type { Subscription } from '../../actors/subscription/rules/subscription.ts';
import { subscriptionAggregate } from '../../actors/subscription/subscription-aggregate.ts';
import type { MarqueeEvent } from '../../services/shared/events.ts';
import type { Service } from '../../services/shared/service.ts';
import { deliver } from './service.ts';
import { liveThrough, type Step, utc } from './subscription-life.ts';

/**
 * The events that the actor of a life publishes, in order, as its consumers receive them. `pays`
 * decides every payment immediately.
 */
export function publishedBy(steps: readonly Step[], until: string, pays?: (at: string) => boolean, testClock?: string): MarqueeEvent[] {
  const clock = testClock === undefined ? undefined : { id: testClock, now: utc(until) };
  let state: Subscription | undefined;
  return liveThrough(steps, until, pays).happened.map(({ event }, index) => {
    const before = state;
    state = evolve(before, event);
    return subscriptionAggregate.toMarqueeEvent(event, index + 1, before, state, clock as never);
  });
}

/**
 * Delivers like a bad broker: the last event first, one at a time, each twice, and refused ones
 * again, until all are accepted.
 */
export async function deliverBadly(t: ExecutionContext, service: Service, events: readonly MarqueeEvent[]): Promise<void> {
  let waiting = [...events].reverse();
  while (waiting.length > 0) {
    const refused: MarqueeEvent[] = [];
    for (const event of waiting) {
      try {
        await deliver(service, event);
        await deliver(service, event);
      } catch {
        refused.push(event);
      }
    }
    if (refused.length === waiting.length) return t.fail(`nobody takes ${refused.map(({ id }) => id).join(', ')}`);
    waiting = refused;
  }
}
