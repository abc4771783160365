import test, { type ExecutionContext } from 'ava';
import type { Status } from '../../actors/subscription/rules/subscription.ts';
import type { MarqueeEvent } from '../../services/shared/events.ts';
import { type Instant, plusMillis } from '../../services/shared/time.ts';
import { disputeReactions } from '../../services/subscription/dispute-reactions.ts';
import { subscriptionReactions } from '../../services/subscription/reactions.ts';
import { openStore } from '../../services/subscription/store.ts';
import { actorWorld } from '../support/actor-world.ts';
import { disputeEvent } from '../support/dispute-events.ts';
import { startDocuments } from '../support/documents.ts';
import { invoiceFinalised, noon, paymentMethods, paymentSettled } from '../support/money-events.ts';
import { partialEvent } from '../support/partial-event.ts';
import { testPlatform } from '../support/platform.ts';
import { deliver } from '../support/service.ts';

const renewal: Instant = '2026-02-28T12:00:00.000Z';
const day = 24 * 3_600_000;

/** A subscription service over real actors; its customer has one subscription. */
async function subscriptionService(t: ExecutionContext) {
  const world = actorWorld(noon);
  const documents = await startDocuments(t);
  const store = openStore(documents);
  let dispute = 'needs-response';
  const platform = testPlatform({
    documents,
    published: world.published,
    config: { disputes: { opened: 'suspend', lost: 'suspend' } },
    invoke: async () => ({ status: dispute }),
  });
  const clockAdvance = { begin: () => undefined, resume: async () => undefined, stop: async () => undefined };
  const reactions = [
    ...subscriptionReactions(store, world.client, clockAdvance, platform.log),
    ...disputeReactions(platform, world.client),
  ];
  const service = { name: 'subscription', about: 'Under test.', routes: [], reactions } as const;
  await world.begin();
  await deliver(service, ...world.published);
  return {
    world,
    /** Delivers an event; a reaction that fails leaves it to be delivered again. */
    receive: (event: MarqueeEvent) => deliver(service, event),
    disputeBecomes: (status: string) => {
      dispute = status;
    },
  };
}

type Received = Awaited<ReturnType<typeof subscriptionService>>;

const paid = (number: number) => paymentSettled(`inv_sub_1_${number}`, 'succeeded');
const declined = paymentSettled('inv_sub_1_2', 'declined');
const invoiceIs = <Type extends 'invoice.paid' | 'invoice.voided' | 'invoice.marked-uncollectible'>(
  type: Type,
  status: 'paid' | 'void' | 'uncollectible',
) => ({ ...invoiceFinalised({ id: 'inv_sub_1_2', status, amountDue: 0 }), type });
const creditNote = partialEvent({
  type: 'credit-note.issued',
  subject: 'cn_1',
  sequence: 1,
  time: noon,
  customerId: 'cus_1',
  testClock: null,
  data: { subscriptionId: 'sub_1', invoiceId: 'inv_sub_1_1', returned: [{ planId: 'plan_basic', amount: 100 }] },
});

/** The lives so far, by name: each leaves the subscription as the reaction finds it. */
const active = async ({ receive }: Received) => {
  await receive(paid(1));
};
const renewing = async (service: Received) => {
  await active(service);
  await service.world.runUntil(renewal);
};
const pastDue = async (service: Received) => {
  await renewing(service);
  await service.receive(declined);
};
const paused = async (service: Received) => {
  await active(service);
  await service.receive(disputeEvent('lost'));
};

type Reaction = {
  readonly name: string;
  readonly given: (service: Received) => Promise<void>;
  readonly event: MarqueeEvent;
  readonly leadsTo: Status;
  /** What happens between the crash and the repeated delivery. */
  readonly meanwhile?: (service: Received) => void;
};

const reactions: readonly Reaction[] = [
  { name: 'a payment', given: renewing, event: paid(2), leadsTo: 'active' },
  { name: 'a decline', given: renewing, event: declined, leadsTo: 'past-due' },
  { name: 'an invoice that credit paid', given: renewing, event: invoiceIs('invoice.paid', 'paid'), leadsTo: 'active' },
  { name: 'a void', given: pastDue, event: invoiceIs('invoice.voided', 'void'), leadsTo: 'active' },
  { name: 'a bad debt', given: pastDue, event: invoiceIs('invoice.marked-uncollectible', 'uncollectible'), leadsTo: 'active' },
  { name: 'a credit note', given: active, event: creditNote, leadsTo: 'active' },
  { name: 'a new payment method', given: pastDue, event: paymentMethods(['tok_ok']), leadsTo: 'past-due' },
  { name: 'a lost dispute', given: active, event: disputeEvent('lost'), leadsTo: 'paused' },
  { name: 'a won dispute', given: paused, event: disputeEvent('won'), leadsTo: 'active' },
  { name: 'an opened dispute', given: active, event: disputeEvent('opened'), leadsTo: 'paused' },
  {
    name: 'an opened dispute that is over before the event comes again',
    given: active,
    event: disputeEvent('opened'),
    leadsTo: 'paused',
    meanwhile: ({ disputeBecomes }) => disputeBecomes('lost'),
  },
];

for (const { name, given, event, leadsTo, meanwhile } of reactions)
  test(`a turn that ${name} begins is completed although the host dies after the commit`, async (t) => {
    const service = await subscriptionService(t);
    const { world, receive } = service;
    await given(service);
    const before = world.snapshotOf()?.sequence ?? 0;

    world.dieAfterCommit();
    await t.throwsAsync(receive(event));
    world.restart();
    const after = world.snapshotOf()?.sequence ?? 0;
    t.true(after > before, 'the turn has committed');
    meanwhile?.(service);
    await receive(event);
    await world.runUntil(plusMillis(world.memory.now(), day / 24));

    t.deepEqual(world.undone(), []);
    t.is(world.snapshotOf()?.state?.status, leadsTo);
    t.is(world.snapshotOf()?.sequence, after, 'the repeat makes no further event');
  });

test('a dispute that is won changes nothing for a customer who had paused before', async (t) => {
  const service = await subscriptionService(t);
  const { world, receive } = service;
  await active(service);
  await world.client.command('sub_1', 'pause', { when: 'now' });
  await receive(disputeEvent('won', { createdAt: plusMillis(noon, day) }));
  t.is(world.snapshotOf()?.state?.status, 'paused');
});
