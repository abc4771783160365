import type { CommandBody, SubscriptionClient } from '../../actors/subscription/client.ts';
import type { DisputeResource } from '../shared/contracts/dispute-resource.ts';
import type { MarqueeEvent } from '../shared/events.ts';
import { isId } from '../shared/ids.ts';
import type { Platform, Reaction } from '../shared/service.ts';

type Client = Pick<SubscriptionClient, 'command' | 'get'>;
type Disputed = MarqueeEvent<DisputeResource>;

/**
 * What a dispute does to access. By default it goes on while the bank decides; a loss suspends it by a pause without end, nothing credited,
 * and a win restores it. `MARQUEE_DISPUTE_OPENED=suspend` pauses from the beginning, the unused days kept; `MARQUEE_DISPUTE_LOST=cancel` ends
 * the subscription at once, without money or credit, and `keep` leaves it as it is then. Each effect is a command under the event's id, so
 * a repeat finds its answer.
 */
export const disputeReactions = (platform: Platform, client: Client): readonly Reaction[] => [
  {
    to: ['dispute.opened', 'dispute.lost', 'dispute.won'],
    handle: async (events: readonly Disputed[]) => {
      const follows: string[] = [];
      for (const event of events) if (isId('sub', event.data.subscriptionId)) follows.push(...(await react(platform, client, event)));
      return follows;
    },
  },
];

async function react({ config, invoke, log }: Platform, client: Client, { id, type, data }: Disputed): Promise<readonly string[]> {
  const { subscriptionId } = data;
  const command = async <Name extends 'cancel' | 'pause' | 'resume'>(name: Name, body: CommandBody<Name>): Promise<readonly string[]> => {
    const answer = await client.command(subscriptionId, name, body, { fromEvent: true, idempotencyKey: id });
    if (answer.ok) return answer.events;
    log.warn({ subscriptionId, dispute: data.id, code: answer.rejection.code }, 'a dispute could not change its subscription');
    return [];
  };

  const { opened, lost } = config.disputes;
  if (type === 'dispute.lost') {
    if (lost === 'cancel') return command('cancel', { when: 'now', credit: 'none', refund: 'none', reason: 'dispute-lost' });
    return lost === 'suspend' ? command('pause', { when: 'now', until: null, credit: 'none' }) : [];
  }
  if (type === 'dispute.opened') {
    if (opened === 'keep') return [];
    // The end of a dispute may overtake its beginning.
    const now = (await invoke('payment', 'get', `disputes/${data.id}`)) as DisputeResource | undefined;
    const isOpen = now?.status === 'needs-response' || now?.status === 'under-review';
    return isOpen ? command('pause', { when: 'now', until: null, credit: 'extend' }) : [];
  }
  const subscription = await client.get(subscriptionId);
  // A pause that was there before the dispute is the customer's own.
  const isOurs = subscription?.status === 'paused' && (subscription.pausedAt ?? '') >= data.createdAt;
  return isOurs ? command('resume', { anchor: 'keep' }) : [];
}
