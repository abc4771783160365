import type { CommandBody, SubscriptionClient } from '../../actors/subscription/client.ts';
import type { DisputeResource } from '../shared/contracts/dispute-resource.ts';
import type { MarqueeEvent } from '../shared/events.ts';
import { isId } from '../shared/ids.ts';
import { type Reaction, reaction } from '../shared/reaction.ts';
import type { Platform } from '../shared/service.ts';

type Client = Pick<SubscriptionClient, 'command'>;
type DisputeEvent = MarqueeEvent<'dispute.*'>;

/**
 * The effect of a dispute on access. By default access continues while the bank decides; a loss
 * suspends it by a pause without an end and without credit, and a win restores it.
 * `MARQUEE_DISPUTE_OPENED=suspend` pauses from the beginning and keeps the unused days.
 * `MARQUEE_DISPUTE_LOST=cancel` ends the subscription immediately, without refund or credit, and
 * `keep` leaves it as it is.
 *
 * Each effect is a command under the id of the event, which the actor decides: a repeat gets the
 * first response. The key also guards the turn, for a redelivered `dispute.opened` leaves its
 * command out where the dispute has ended meanwhile.
 */
export const disputeReactions = (platform: Platform, client: Client): readonly Reaction[] => [
  reaction(['dispute.opened', 'dispute.lost', 'dispute.won'], async (events) => {
    const follows: string[] = [];
    for (const event of events) if (isId('sub', event.data.subscriptionId)) follows.push(...(await react(platform, client, event)));
    return follows;
  }),
];

async function react({ config, invoke, log }: Platform, client: Client, { id, type, data }: DisputeEvent): Promise<readonly string[]> {
  const { subscriptionId } = data;
  const command = async <Name extends 'cancel' | 'pause' | 'resumeAfterDispute'>(
    name: Name,
    body: CommandBody<Name>,
  ): Promise<readonly string[]> => {
    const result = await client.command(subscriptionId, name, body, { fromEvent: true, idempotencyKey: id });
    if (result.ok) return result.events;
    log.warn({ subscriptionId, disputeId: data.id, code: result.rejection.code }, 'dispute effect refused by its subscription');
    return [];
  };

  const { opened, lost } = config.disputes;
  if (type === 'dispute.lost') {
    if (lost === 'cancel') return command('cancel', { when: 'now', credit: 'none', refund: 'none', reason: 'dispute-lost' });
    return lost === 'suspend' ? command('pause', { when: 'now', until: null, credit: 'none' }) : [];
  }
  if (type === 'dispute.opened') {
    if (opened === 'keep') return [];
    // The end of a dispute may be delivered before its beginning, so its current status decides.
    const current = (await invoke('payment', 'get', `disputes/${data.id}`)) as DisputeResource | undefined;
    const isOpen = current?.status === 'needs-response' || current?.status === 'under-review';
    return isOpen ? command('pause', { when: 'now', until: null, credit: 'extend' }) : [];
  }
  return command('resumeAfterDispute', { openedAt: data.createdAt });
}
