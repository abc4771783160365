import { callActor } from '../../actors/host/actor-client.ts';
import { subscriptionClient } from '../../actors/subscription/client.ts';
import { connectSidecar, type Sidecar } from '../../services/shared/sidecar.ts';
import { bootMarquee } from '../support/marquee.ts';
import { dueStart } from './lives.ts';
import { type Measured, measure } from './load.ts';

const callers = 32;
const subscriptions = 3_000;
/** Put to sleep twice: the first of them warm the code up, the second are counted. */
const sleepers = 1_000;

export type ActorRungs = {
  readonly rungs: readonly Measured[];
  readonly ceiling: Measured;
  readonly renewingShare: number;
  /** What the process holds more of for each subscription that it put to sleep, in bytes. */
  readonly bytesAsleep: number;
};

/** From Koa alone to a turn that renews, on a host that runs the actors and what subscriptions need to be read, without reactions. */
export async function actorRungs(entry: string): Promise<ActorRungs> {
  const marquee = await bootMarquee({ entry, shortLived: false, groups: [['actors', 'auth']] });
  const sidecar = connectSidecar({ daprPort: marquee.sidecar.ports.http, daprToken: marquee.sidecar.tokens.sidecar });
  const direct = connectSidecar({ daprPort: marquee.groups[0].appPort, daprToken: marquee.sidecar.tokens.application });
  const subscription = subscriptionClient(sidecar);
  const bench = (method: string) => (index: number) => callActor(sidecar, 'Bench', `b${index % 500}`, method);
  try {
    await measure('warm', 3_000, callers, bench('readWrite'));
    const koa = await measure('Koa alone (the same no-op, no sidecar)', 10_000, callers, (index) =>
      direct.start('PUT', `/actors/Bench/b${index % 500}/method/noop`, {}),
    );
    const noop = await measure('actor no-op through the sidecar', 10_000, callers, bench('noop'));
    const readWrite = await measure('one read and one write', 6_000, callers, bench('readWrite'));
    const heapAsleep = async (from: number, to: number): Promise<number> => {
      await makeDue(subscription, from, to);
      await measure('to sleep', to - from, callers, (index) => direct.within('DELETE', `/actors/Subscription/sub_b${from + index}`));
      return heap(sidecar);
    };
    const heapOfFirst = await heapAsleep(subscriptions, subscriptions + sleepers);
    const bytesAsleep = ((await heapAsleep(subscriptions + sleepers, subscriptions + 2 * sleepers)) - heapOfFirst) / sleepers;
    await makeDue(subscription, 0, subscriptions);
    const renewing = await measure('a wake that renews', subscriptions, callers, (index) =>
      subscription.command(`sub_b${index}`, 'wake', {}),
    );
    const readWriteAgain = await measure('one read and one write, again', 6_000, callers, bench('readWrite'));
    const fair = (readWrite.perSecond + readWriteAgain.perSecond) / 2;
    const rungs = [koa, noop, readWrite, renewing, readWriteAgain];
    return { rungs, ceiling: noop, renewingShare: renewing.perSecond / fair, bytesAsleep };
  } finally {
    await sidecar.close();
    await direct.close();
    await marquee.end();
  }
}

async function heap(sidecar: Sidecar): Promise<number> {
  const answer = await callActor(sidecar, 'Bench', 'b0', 'heap');
  return answer.ok ? Number(answer.bytes) : Number.NaN;
}

/** Subscriptions with a paid first period that ended: their next wake renews. */
async function makeDue(client: ReturnType<typeof subscriptionClient>, from: number, to: number): Promise<void> {
  await measure('starts', to - from, callers, async (index) => {
    const id = `sub_b${from + index}`;
    await client.start(id, dueStart(from + index));
    await client.command(id, 'recordPayment', { invoiceId: `inv_${id}_1`, outcome: 'succeeded', attempt: 1 }, { fromEvent: true });
  });
}
