import { join } from 'node:path';
import { callActor } from '../../actors/host/actor-client.ts';
import { subscriptionClient } from '../../actors/subscription/client.ts';
import { connectSidecar, type Sidecar } from '../../services/shared/sidecar.ts';
import { bootMarquee } from '../support/marquee.ts';
import { dueStart } from './due-subscription.ts';
import { loadTable, measureLoad } from './measure-load.ts';

const callers = 32;
const subscriptions = 3_000;
/** Deactivated in two batches: the first warms the process up, the second is measured. */
const sleepers = 1_000;

/**
 * From Koa alone to a turn that renews, on a host with the actors and auth, without reactions to
 * events.
 */
export async function benchActors(): Promise<string> {
  const entry = join(import.meta.dirname, 'bench-host.ts');
  const marquee = await bootMarquee({ entry, shortLived: false, groups: [['actors', 'auth']] });
  const sidecar = connectSidecar({ daprPort: marquee.sidecar.ports.http, daprToken: marquee.sidecar.tokens.sidecar });
  const direct = connectSidecar({ daprPort: marquee.groups[0].appPort, daprToken: marquee.sidecar.tokens.application });
  const subscription = subscriptionClient(sidecar);
  const bench = (method: string) => (index: number) => callActor(sidecar, 'Bench', `b${index % 500}`, method);
  try {
    await measureLoad('warm', 3_000, callers, bench('readWrite'));
    const koa = await measureLoad('Koa alone (the same no-op, no sidecar)', 6_000, callers, (index) =>
      direct.start('PUT', `/actors/Bench/b${index % 500}/method/noop`, {}),
    );
    const noop = await measureLoad('actor no-op through the sidecar', 6_000, callers, bench('noop'));
    const readWrite = await measureLoad('one read and one write', 4_000, callers, bench('readWrite'));
    const heapAfterDeactivation = async (from: number, to: number): Promise<number> => {
      await makeDue(subscription, from, to);
      await measureLoad('deactivations', to - from, callers, (index) =>
        direct.within('DELETE', `/actors/Subscription/sub_b${from + index}`),
      );
      return heap(sidecar);
    };
    const heapBefore = await heapAfterDeactivation(subscriptions, subscriptions + sleepers);
    const bytesLeft = ((await heapAfterDeactivation(subscriptions + sleepers, subscriptions + 2 * sleepers)) - heapBefore) / sleepers;
    await makeDue(subscription, 0, subscriptions);
    const renewing = await measureLoad('a wake that renews', subscriptions, callers, (index) =>
      subscription.command(`sub_b${index}`, 'wake', {}),
    );
    const readWriteAgain = await measureLoad('one read and one write, again', 4_000, callers, bench('readWrite'));
    const fair = (readWrite.perSecond + readWriteAgain.perSecond) / 2;
    return [
      loadTable([koa, noop, readWrite, renewing, readWriteAgain], noop),
      `a renewing turn runs at ${(renewing.perSecond / fair).toFixed(2)} of the rate of one read and one write (target 0.80)`,
      `a deactivated subscription leaves ${bytesLeft.toFixed(0)} bytes in the process (target none)`,
    ].join('\n');
  } finally {
    await sidecar.close();
    await direct.close();
    await marquee.end();
  }
}

async function heap(sidecar: Sidecar): Promise<number> {
  const result = await callActor(sidecar, 'Bench', 'b0', 'heap');
  return result.ok ? Number(result.bytes) : Number.NaN;
}

/** Starts subscriptions whose paid first period has ended: their next wake renews. */
async function makeDue(client: ReturnType<typeof subscriptionClient>, from: number, to: number): Promise<void> {
  await measureLoad('starts', to - from, callers, async (index) => {
    const id = `sub_b${from + index}`;
    await client.start(id, dueStart(from + index));
    await client.command(id, 'recordPayment', { invoiceId: `inv_${id}_1`, outcome: 'succeeded', attempt: 1 }, { fromEvent: true });
  });
}
