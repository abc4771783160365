import test from 'ava';
import type { DisputeStatus } from '../../services/shared/contracts/dispute-resource.ts';
import { disputeReactions } from '../../services/subscription/dispute-reactions.ts';
import { disputeEvent } from '../support/dispute-events.ts';
import { noon } from '../support/money-events.ts';
import { testPlatform } from '../support/platform.ts';
import { deliver } from '../support/service.ts';
import { terms } from '../support/subscription-life.ts';
import { subscriptionsInMemory } from '../support/subscriptions-in-memory.ts';

type Setting = { opened?: 'keep' | 'suspend'; lost?: 'suspend' | 'cancel' | 'keep'; current?: DisputeStatus };

/** A paid subscription whose payment is disputed, and its reactions. */
function disputedSubscription({ opened = 'keep', lost = 'suspend', current = 'needs-response' }: Setting = {}) {
  let [now, status] = [noon, current];
  const subscriptions = subscriptionsInMemory(() => now);
  subscriptions.add('sub_1', terms('plan_basic', 1799), '2026-01-15');
  const platform = testPlatform({
    documents: undefined as never,
    published: [],
    config: { disputes: { opened, lost } },
    invoke: async () => ({ status }),
  });
  const service = { reactions: disputeReactions(platform, subscriptions) } as never;
  return {
    subscriptions,
    receive: (...events: Parameters<typeof disputeEvent>[0][]) => deliver(service, ...events.map((name) => disputeEvent(name))),
    receiveOfGift: () => deliver(service, disputeEvent('lost', { subscriptionId: 'gift_1' })),
    at: (instant: string) => {
      now = instant;
    },
    becomes: (next: DisputeStatus) => {
      status = next;
    },
    subscription: () => subscriptions.get('sub_1'),
  };
}

test('access continues while the bank decides, a lost dispute suspends it without credit, and a later win restores it', async (t) => {
  const { receive, subscription, at } = disputedSubscription();

  await receive('opened');
  t.like(await subscription(), { status: 'active' });
  await receive('lost', 'lost');
  t.like(await subscription(), { status: 'paused', endedAt: null });

  at('2026-02-05T12:00:00.000Z');
  await receive('won');
  t.like(await subscription(), { status: 'active' });
});

test('with MARQUEE_DISPUTE_LOST=cancel a lost dispute ends access immediately and without a refund', async (t) => {
  const { receive, subscription } = disputedSubscription({ lost: 'cancel' });

  await receive('opened');
  t.like(await subscription(), { status: 'active' });
  const follows = await receive('lost');

  t.like(await subscription(), { status: 'cancelled', endedAt: noon, endReason: 'cancelled', cancelReason: 'dispute-lost' });
  t.is(follows.length, 1);
});

test('a dispute that is won before it suspended access changes nothing', async (t) => {
  const { receive, subscription } = disputedSubscription();

  const before = await subscription();
  const follows = await receive('opened', 'won');

  t.deepEqual(await subscription(), before);
  t.deepEqual(follows, []);
});

test('a lost dispute that is received again does not end a reactivated subscription', async (t) => {
  const { receive, subscription, subscriptions } = disputedSubscription({ lost: 'cancel' });
  await receive('lost');
  await subscriptions.command('sub_1', 'reactivate', { terms: null, hasPaymentMethod: true });

  await receive('lost');

  t.not((await subscription())?.status, 'cancelled');
});

test('with MARQUEE_DISPUTE_OPENED=suspend an open dispute suspends access, and a win restores it with its unused days', async (t) => {
  const { receive, subscription, at, becomes } = disputedSubscription({ opened: 'suspend' });

  await receive('opened');
  t.like(await subscription(), { status: 'paused' });
  at('2026-02-05T12:00:00.000Z');
  becomes('won');
  await receive('won');

  t.like(await subscription(), { status: 'active' });
});

test('with MARQUEE_DISPUTE_LOST=keep a lost dispute leaves a suspended subscription suspended', async (t) => {
  const { receive, subscription } = disputedSubscription({ opened: 'suspend', lost: 'keep' });

  await receive('opened', 'lost');

  t.like(await subscription(), { status: 'paused', endedAt: null });
});

test('an opened dispute that is received after its end suspends nothing', async (t) => {
  const { receive, subscription } = disputedSubscription({ opened: 'suspend', current: 'won' });

  await receive('won', 'opened');

  t.like(await subscription(), { status: 'active' });
});

test('a pause from before the dispute continues after the dispute is won', async (t) => {
  const { receive, subscription, subscriptions, at } = disputedSubscription({ opened: 'suspend' });
  at('2026-01-31T11:00:00.000Z');
  await subscriptions.command('sub_1', 'pause', { when: 'now', until: null, credit: 'none' });
  const { pausedAt } = (await subscription()) ?? {};

  at('2026-02-05T12:00:00.000Z');
  await receive('opened');
  await receive('won');

  t.like(await subscription(), { status: 'paused', pausedAt });
});

test('the dispute of a gift changes no subscription', async (t) => {
  const { receiveOfGift, subscriptions } = disputedSubscription();

  await receiveOfGift();

  t.is(subscriptions.turns(), 0);
});
