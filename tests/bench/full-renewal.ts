import { connectSidecar } from '../../services/shared/sidecar.ts';
import { bodyOf } from '../support/client.ts';
import { bootMarquee } from '../support/marquee.ts';
import { type Measured, measure } from './load.ts';
import { customers, measureRenewals } from './renewals.ts';

const previewed = {
  id: 'plan_previewed',
  name: { en: 'Previewed' },
  taxBehaviour: 'inclusive',
  prices: [{ currency: 'EUR', amount: 2999, interval: { unit: 'month', count: 1 } }],
};

/**
 * The rate of whole renewals by the milliseconds that the gateway takes for an answer, and beside it reads of the fast path and previews of a
 * change, which are invoices made and thrown away.
 */
export type FullRenewal = {
  readonly renewals: ReadonlyMap<number, Measured>;
  readonly entitlements: Measured;
  readonly previews: Measured;
};

/** The embedded set with every service in one process, measured at its public door and by its own reminders. */
export async function fullRenewal(entry: string): Promise<FullRenewal> {
  const marquee = await bootMarquee({ entry, shortLived: false });
  const sidecar = connectSidecar({ daprPort: marquee.sidecar.ports.http, daprToken: marquee.sidecar.tokens.sidecar });
  try {
    const renewals = await measureRenewals(marquee.client, sidecar);
    const read = (index: number) => marquee.client.get(`/v1/customers/cus_b${index % customers}/entitlements`).then(bodyOf);
    const entitlements = await measure('entitlement read at the public door', 3_000, 32, read);
    bodyOf(await marquee.client.post('/v1/plans', previewed));
    const preview = (index: number) =>
      marquee.client
        .post(`/v1/subscriptions/sub_b${index % customers}_0/change/preview`, { planId: 'plan_previewed', when: 'now' })
        .then(bodyOf);
    return { renewals, entitlements, previews: await measure('preview of a change at the public door', 1_000, 16, preview) };
  } finally {
    await sidecar.close();
    await marquee.end();
  }
}
