import type { Platform } from '../../shared/service.ts';
import { outcomeEvent, upcomingEventId } from '../outcome-event.ts';
import type { Payment } from '../payment.ts';
import type { PaymentStore } from '../store.ts';
import type { PaymentQueue } from './payment-queue.ts';

type Parts = { readonly platform: Platform; readonly store: PaymentStore; readonly paymentQueue: PaymentQueue };

/** True while a payment is pending at a bank, whose response comes before any other attempt. */
export const isPending = ({ status, step }: Payment): boolean => status === 'processing' && step === 'pending';

/**
 * Publishes the latest outcome of a payment again. One without an outcome is queued, because no
 * queue may have it; a cancelled one has nothing to publish. Returns the ids of the events that are
 * published, or will be. A repeat is harmless.
 */
export async function republish({ platform, paymentQueue }: Omit<Parts, 'store'>, payment: Payment): Promise<readonly string[]> {
  if (payment.status === 'processing' && !isPending(payment)) {
    paymentQueue.add([payment]);
    return [upcomingEventId(payment)];
  }
  if (payment.status === 'cancelled') return [];
  const event = outcomeEvent(payment);
  await platform.publish([event]);
  return [event.id];
}

/**
 * Publishes again the outcomes of payments that were recorded before. Their invoice is published
 * again where a subscription still waits, so the outcome may be lost.
 */
export async function republishAll(parts: Parts, ids: readonly string[]): Promise<readonly string[]> {
  if (ids.length === 0) return [];
  const found = [...(await parts.store.find(ids)).values()];
  return (await Promise.all(found.map((payment) => republish(parts, payment)))).flat();
}
