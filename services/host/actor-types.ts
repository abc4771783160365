import type { ActorType } from '../../actors/host/actor-type.ts';
import { subscriptionActor } from '../../actors/subscription/subscription-actor.ts';
import { testClockActor } from '../../actors/test-clock/test-clock-actor.ts';
import type { Platform } from '../shared/service.ts';
import { createClockCheck, storeTime } from './clock-check.ts';

/** Dapr actor types in addition to the platform's own; benchmarks use them. */
export type MoreActors = (platform: Platform) => readonly ActorType[];

/**
 * The actor types that this process hosts. A subscription's turn requests terms from the
 * subscription service and invoices from invoicing, through Dapr, wherever those services run.
 */
export async function actorTypesOf(
  platform: Platform,
  observeQuarantine: () => void,
  moreActors: MoreActors,
): Promise<readonly ActorType[]> {
  const { requestTerms, previewInvoices } = await import('../subscription/index.ts');
  const { guardMillis } = platform.config;
  const checkClock = createClockCheck(() => storeTime(platform.documents));
  return [
    subscriptionActor({
      ...platform,
      guardMillis,
      checkClock,
      termsOf: (subscription, wish) => requestTerms(platform, subscription, wish),
      invoicesOf: (subscription, asked) => previewInvoices(platform, subscription, asked),
      onQuarantine: (id, violation) => {
        observeQuarantine();
        platform.log.error({ id, violation }, 'subscription quarantined');
      },
    }),
    testClockActor({ ...platform, guardMillis }),
    ...moreActors(platform),
  ];
}
