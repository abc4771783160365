import type { Logger } from 'pino';
import type { Delivery } from './event-delivery.ts';

/** How long a service may take to stop, and how long the last events may take to be published. */
export const millisToStop = 3_000;

type Deliver = (envelopes: readonly unknown[]) => Promise<Delivery[]>;

/**
 * Hands events on until the process stops. Then the broker delivers them to another process, or to
 * the next one: new work would keep this one from ending.
 */
export const whileRunning =
  ({ isStopping }: { readonly isStopping: () => boolean }, deliver: Deliver): Deliver =>
  async (envelopes) =>
    isStopping() ? envelopes.map(() => 'RETRY') : deliver(envelopes);

/**
 * Waits for the end of a service; one that takes too long is left, for every step can be repeated.
 */
export async function endInTime(service: string, ending: Promise<void>, log: Logger, millis = millisToStop): Promise<void> {
  const { promise: late, resolve: giveUp } = Promise.withResolvers<'late'>();
  const timer = setTimeout(giveUp, millis, 'late');
  const outcome = await Promise.race([ending.catch((err: Error) => err), late]);
  clearTimeout(timer);
  if (outcome === 'late') log.warn({ service }, 'service not stopped in time');
  else if (outcome instanceof Error) log.warn({ service, err: outcome }, 'service stop failed');
}
