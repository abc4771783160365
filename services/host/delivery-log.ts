import type { Delivery } from './event-delivery.ts';
import type { Metrics } from './metrics.ts';

/**
 * Counts deliveries around the handling of events: how many, how many are repeats, and the age of
 * the last one.
 */
export function createDeliveryLog(metrics: Metrics) {
  const counts = { delivered: 0, retried: 0, dropped: 0 };
  let last: { at: string; lagMillis: number } | undefined;

  const around =
    (deliver: (envelopes: readonly unknown[]) => Promise<Delivery[]>) =>
    async (envelopes: readonly unknown[]): Promise<Delivery[]> => {
      const statuses = await deliver(envelopes);
      for (const status of statuses) counts[status === 'SUCCESS' ? 'delivered' : status === 'RETRY' ? 'retried' : 'dropped'] += 1;
      const publishedAt = (envelopes.at(-1) as { publishedat?: unknown } | undefined)?.publishedat;
      if (typeof publishedAt === 'string') {
        last = { at: new Date().toISOString(), lagMillis: Date.now() - Date.parse(publishedAt) };
        metrics.lag(last.lagMillis);
      }
      return statuses;
    };

  return { around, summary: () => ({ ...counts, last: last ?? null }) };
}
