import type { ActorType } from '../../actors/host/actor-type.ts';
import { subscriptionActor } from '../../actors/subscription/subscription-actor.ts';
import { testClockActor } from '../../actors/test-clock/test-clock-actor.ts';
import type { Platform } from '../shared/service.ts';

/** Dapr actor types beside the platform's own, as benchmarks bring. */
export type MoreActors = (platform: Platform) => readonly ActorType[];

/**
 * The actor types that this process hosts. A subscription's turn asks the subscription service for
 * terms and invoicing for invoices, through Dapr, wherever those services run.
 */
export async function actorTypesOf(
  platform: Platform,
  observeQuarantine: () => void,
  moreActors: MoreActors,
): Promise<readonly ActorType[]> {
  const { requestTerms, previewInvoices } = await import('../subscription/index.ts');
  const { guardMillis } = platform.config;
  return [
    subscriptionActor({
      ...platform,
      guardMillis,
      termsOf: (subscription, wish) => requestTerms(platform, subscription, wish),
      invoicesOf: (subscription, asked) => previewInvoices(platform, subscription, asked),
      onQuarantine: (id, violation) => {
        observeQuarantine();
        platform.log.error({ id, violation }, 'a subscription is quarantined');
      },
    }),
    testClockActor({ ...platform, guardMillis }),
    ...moreActors(platform),
  ];
}
