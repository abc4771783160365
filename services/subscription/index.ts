import { subscriptionClient } from '../../actors/subscription/client.ts';
import type { CreateService } from '../shared/service.ts';
import { planRoutes } from './catalogue/plan-routes.ts';
import { productRoutes } from './catalogue/product-routes.ts';
import { couponRoutes } from './coupons/coupon-routes.ts';
import { promotionCodeRoutes } from './coupons/promotion-code-routes.ts';
import { disputeReactions } from './dispute-reactions.ts';
import { entitlementRoutes } from './entitlement-routes.ts';
import { giftRoutes } from './gifts/gift-routes.ts';
import { openGifts } from './gifts/gift-store.ts';
import { createGifts } from './gifts/gifts.ts';
import { internalRoutes } from './internal-routes.ts';
import { migrationRoutes } from './migration/routes.ts';
import { openMigrations } from './migration/store.ts';
import { createMigrationWalk } from './migration/walk.ts';
import { subscriptionReactions } from './reactions.ts';
import { reconciliationRoutes } from './reconciliation.ts';
import { subscriptionReport } from './report.ts';
import { subscriptionRoutes } from './routes.ts';
import { createStart } from './start.ts';
import { openStore } from './store.ts';
import { createSweeper } from './sweeper.ts';
import { clockRoutes } from './test-clocks/routes.ts';
import { timeSource } from './test-clocks/time.ts';
import { createClockWalk } from './test-clocks/walk.ts';

export { askForTerms } from './change.ts';
export { askForInvoices } from './invoice-preview.ts';

/** Plans, subscriptions and their read model, entitlements, test clocks: the way in to the subscription actors. */
export const createSubscriptionService: CreateService = (platform) => {
  const store = openStore(platform.documents);
  const client = subscriptionClient(platform.sidecar);
  const walk = createClockWalk(store, client, platform.settlement, platform.log);
  const migrations = openMigrations(platform.documents);
  const migrationWalk = createMigrationWalk(platform, store, migrations, client);
  const timeOf = timeSource(platform, client);
  const gifts = openGifts(platform.documents);
  const buying = createGifts(platform, store, gifts, timeOf);
  const start = createStart(platform, store, client);
  const sweeper = createSweeper(store, client, platform.now, platform.log, platform.config.sweep);
  return {
    name: 'subscription',
    about: 'Plans, subscriptions and what they grant.',
    routes: [
      ...planRoutes(store.plans, store.products, platform),
      ...productRoutes(store.products, store.plans, platform),
      ...migrationRoutes(platform, store, migrations, migrationWalk),
      ...couponRoutes(store.coupons, platform),
      ...promotionCodeRoutes(store.promotionCodes, store.coupons, platform),
      ...subscriptionRoutes(platform, store, client, start),
      ...giftRoutes({ platform, gifts, buying, start, timeOf }),
      ...entitlementRoutes(store),
      ...(platform.config.testClocks ? clockRoutes(client) : []),
    ],
    internal: [...internalRoutes(platform, store, client, buying), ...reconciliationRoutes(store, client)],
    reactions: [...subscriptionReactions(store, client, walk, platform.log), ...disputeReactions(platform, client), ...buying.reactions],
    report: () => subscriptionReport(store, platform.now()),
    start: async () => {
      sweeper.start();
      await buying.recover();
      await walk.resume();
      await migrationWalk.resume();
    },
    stop: async () => {
      sweeper.stop();
      await walk.stop();
      await migrationWalk.stop();
    },
  };
};
