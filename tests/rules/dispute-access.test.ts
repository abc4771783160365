import test from 'ava';
import type { DisputeStatus } from '../../services/shared/contracts/dispute-resource.ts';
import { disputeReactions } from '../../services/subscription/dispute-reactions.ts';
import { disputeEvent } from '../support/dispute-events.ts';
import { noon } from '../support/money-events.ts';
import { testPlatform } from '../support/platform.ts';
import { deliver } from '../support/service.ts';
import { terms } from '../support/subscription-life.ts';
import { subscriptionsInMemory } from '../support/subscriptions-in-memory.ts';

type Setting = { opened?: 'keep' | 'suspend'; lost?: 'suspend' | 'cancel' | 'keep'; stands?: DisputeStatus };

/** A paid subscription whose payment is disputed, and what becomes of its access. */
function disputedSubscription({ opened = 'keep', lost = 'suspend', stands = 'needs-response' }: Setting = {}) {
  let [now, status] = [noon, stands];
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
    hear: (...events: Parameters<typeof disputeEvent>[0][]) => deliver(service, ...events.map((telling) => disputeEvent(telling))),
    hearOfGift: () => deliver(service, disputeEvent('lost', { subscriptionId: 'gift_1' })),
    at: (instant: string) => {
      now = instant;
    },
    becomes: (next: DisputeStatus) => {
      status = next;
    },
    subscription: () => subscriptions.get('sub_1'),
  };
}

test('access goes on while the bank decides, a loss suspends it without credit, and a win after all restores it', async (t) => {
  const { hear, subscription, at } = disputedSubscription();

  await hear('opened');
  t.like(await subscription(), { status: 'active' });
  await hear('lost', 'lost');
  t.like(await subscription(), { status: 'paused', endedAt: null });

  at('2026-02-05T12:00:00.000Z');
  await hear('won');
  t.like(await subscription(), { status: 'active' });
});

test('where it is configured, access ends at once without money when the dispute is lost', async (t) => {
  const { hear, subscription } = disputedSubscription({ lost: 'cancel' });

  await hear('opened');
  t.like(await subscription(), { status: 'active' });
  const follows = await hear('lost');

  t.like(await subscription(), { status: 'cancelled', endedAt: noon, endReason: 'cancelled', cancelReason: 'dispute-lost' });
  t.is(follows.length, 1);
});

test('a dispute that is won before it suspended anything changes nothing', async (t) => {
  const { hear, subscription, subscriptions } = disputedSubscription();

  await hear('opened', 'won');

  t.like(await subscription(), { status: 'active' });
  t.is(subscriptions.turns(), 0);
});

test('a loss that is heard again does not end what began anew', async (t) => {
  const { hear, subscription, subscriptions } = disputedSubscription({ lost: 'cancel' });
  await hear('lost');
  await subscriptions.command('sub_1', 'reactivate', { terms: null, hasPaymentMethod: true });

  await hear('lost');

  t.not((await subscription())?.status, 'cancelled');
});

test('where it is configured, access is suspended meanwhile, and goes on with its unused days when the dispute is won', async (t) => {
  const { hear, subscription, at, becomes } = disputedSubscription({ opened: 'suspend' });

  await hear('opened');
  t.like(await subscription(), { status: 'paused' });
  at('2026-02-05T12:00:00.000Z');
  becomes('won');
  await hear('won');

  t.like(await subscription(), { status: 'active' });
});

test('where it is configured, a loss leaves what was suspended so', async (t) => {
  const { hear, subscription } = disputedSubscription({ opened: 'suspend', lost: 'keep' });

  await hear('opened', 'lost');

  t.like(await subscription(), { status: 'paused', endedAt: null });
});

test('the beginning of a dispute that is heard after its end suspends nothing', async (t) => {
  const { hear, subscription } = disputedSubscription({ opened: 'suspend', stands: 'won' });

  await hear('won', 'opened');

  t.like(await subscription(), { status: 'active' });
});

test('a pause that was there before the dispute stays when it is won', async (t) => {
  const { hear, subscription, subscriptions, at } = disputedSubscription({ opened: 'suspend' });
  at('2026-01-31T11:00:00.000Z');
  await subscriptions.command('sub_1', 'pause', { when: 'now', until: null, credit: 'none' });
  const { pausedAt } = (await subscription()) ?? {};

  at('2026-02-05T12:00:00.000Z');
  await hear('opened');
  await hear('won');

  t.like(await subscription(), { status: 'paused', pausedAt });
});

test('a disputed gift ends no subscription', async (t) => {
  const { hearOfGift, subscriptions } = disputedSubscription();

  await hearOfGift();

  t.is(subscriptions.turns(), 0);
});
