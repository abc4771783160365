import { createPaymentService } from '../../services/payment/index.ts';
import type { MarqueeEvent } from '../../services/shared/events.ts';
import { collectionsReady, connectDocuments } from '../../services/shared/mongo.ts';
import { bootMarquee } from '../support/marquee.ts';
import { invoiceFinalised, paymentMethods } from '../support/money-events.ts';
import { testPlatform } from '../support/platform.ts';
import { deliver } from '../support/service.ts';
import { until } from '../support/wait-until.ts';

const charges = 2_000;
const eventsADelivery = 25;
const latencies = [0, 200] as const;

/** Charges per second of one payment service, by the response time of the gateway. */
export async function benchCharges(): Promise<string> {
  const rates = await chargeRates(latencies);
  return rates.map((rate, index) => `${rate.toFixed(0)} a second with a gateway at ${latencies[index]} ms`).join(', ');
}

/**
 * Payments per second from `invoice.finalised` to the published outcome, on the document server of
 * a Marquee that is idle.
 */
async function chargeRates(millis: readonly number[]): Promise<readonly number[]> {
  const marquee = await bootMarquee({ shortLived: false });
  try {
    const rates: number[] = [];
    for (const latency of millis) rates.push(await chargeAll(marquee.backing.documents.uri, latency));
    return rates;
  } finally {
    await marquee.end();
  }
}

async function chargeAll(uri: string, latency: number): Promise<number> {
  const own = new URL(uri);
  own.pathname = `/charges_${latency}`;
  const documents = await connectDocuments(own.href);
  const published: MarqueeEvent[] = [];
  const service = createPaymentService(testPlatform({ documents, published, config: { gatewayLatency: latency } }));
  try {
    await collectionsReady(documents);
    await service.start?.();
    await deliver(service, paymentMethods(['tok_ok']));
    const began = performance.now();
    for (let from = 0; from < charges; from += eventsADelivery) {
      const due = Array.from({ length: eventsADelivery }, (_, index) => invoiceFinalised({ id: `inv_sub_${from + index}_1` }));
      await deliver(service, ...due);
    }
    await until(() => published.length >= charges && new Set(published.map(({ id }) => id)).size >= charges, 120_000);
    return (charges / (performance.now() - began)) * 1000;
  } finally {
    await service.stop?.();
    await documents.close();
  }
}
