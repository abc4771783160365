import { join } from 'node:path';
import { connectSidecar } from '../../services/shared/sidecar.ts';
import { bodyOf } from '../support/api-client.ts';
import { bootMarquee } from '../support/marquee.ts';
import { loadTable, type Measured, measureLoad } from './measure-load.ts';
import { customers, measureRenewals } from './renewals.ts';

const previewed = {
  id: 'plan_previewed',
  name: { en: 'Previewed' },
  taxBehaviour: 'inclusive',
  prices: [{ currency: 'EUR', amount: 2999, interval: { unit: 'month', count: 1 } }],
};

/**
 * Whole renewals by reminders, entitlement reads and previews of a change, on a Marquee with every
 * service in one process.
 */
export async function benchPublicApi(): Promise<string> {
  const entry = join(import.meta.dirname, 'bench-host.ts');
  const marquee = await bootMarquee({ entry, shortLived: false });
  const sidecar = connectSidecar({ daprPort: marquee.sidecar.ports.http, daprToken: marquee.sidecar.tokens.sidecar });
  try {
    const renewals = await measureRenewals(marquee.client, sidecar);
    const read = (index: number) => marquee.client.get(`/v1/customers/cus_b${index % customers}/entitlements`).then(bodyOf);
    const entitlements = await measureLoad('entitlement read at the public API', 3_000, 32, read);
    bodyOf(await marquee.client.post('/v1/plans', previewed));
    const preview = (index: number) =>
      marquee.client
        .post(`/v1/subscriptions/sub_b${index % customers}_0/change/preview`, { planId: 'plan_previewed', when: 'now' })
        .then(bodyOf);
    const previews = await measureLoad('preview of a change at the public API', 1_000, 16, preview);
    return `${loadTable([...renewals.values(), entitlements, previews])}\n${renewalTargets(renewals)}`;
  } finally {
    await sidecar.close();
    await marquee.end();
  }
}

function renewalTargets(renewals: ReadonlyMap<number, Measured>): string {
  const [fast = 0, slow = 0] = [0, 200].map((millis) => renewals.get(millis)?.perSecond);
  return `whole renewals: ${fast.toFixed(0)} a second (target 100); ${(slow / fast).toFixed(2)} of it with a gateway at 200 ms (target 0.90)`;
}
