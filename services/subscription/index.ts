import { subscriptionClient } from '../../actors/subscription/client.ts';
import type { CreateService } from '../shared/service.ts';
import { planRoutes } from './catalogue/plan-routes.ts';
import { productRoutes } from './catalogue/product-routes.ts';
import { changeRoutes } from './change-routes.ts';
import { commandResponse } from './command-response.ts';
import { commandRoutes } from './command-routes.ts';
import { appliedCouponRoutes } from './coupons/applied-coupon-routes.ts';
import { couponRoutes } from './coupons/coupon-routes.ts';
import { promotionCodeRoutes } from './coupons/promotion-code-routes.ts';
import { disputeReactions } from './dispute-reactions.ts';
import { entitlementRoutes } from './entitlement-routes.ts';
import { forecastRoutes } from './forecast-routes.ts';
import { createGiftPurchases } from './gifts/gift-purchases.ts';
import { giftRoutes } from './gifts/gift-routes.ts';
import { openGifts } from './gifts/gift-store.ts';
import { internalRoutes } from './internal-routes.ts';
import { migrationRoutes } from './migration/routes.ts';
import { createMigrationRunner } from './migration/run.ts';
import { openMigrations } from './migration/store.ts';
import { quarantineRoutes } from './quarantine-routes.ts';
import { subscriptionReactions } from './reactions.ts';
import { reconciliationRoutes } from './reconciliation.ts';
import { subscriptionReport } from './report.ts';
import { createStart } from './start.ts';
import { openStore } from './store.ts';
import { subscriptionRoutes } from './subscription-routes.ts';
import { createSweeper } from './sweeper.ts';
import { createClockAdvance } from './test-clocks/advance.ts';
import { clockRoutes } from './test-clocks/routes.ts';
import { timeSource } from './test-clocks/time.ts';

export { requestTerms } from './change.ts';
export { previewInvoices } from './invoice-preview.ts';

/**
 * Plans, coupons, gifts, subscriptions and their read model, entitlements and test clocks: the
 * entrance to the subscription actors.
 */
export const createSubscriptionService: CreateService = (platform) => {
  const store = openStore(platform.documents);
  const client = subscriptionClient(platform.sidecar);
  const clockAdvance = createClockAdvance(store, client, platform.settlement, platform.log);
  const migrations = openMigrations(platform.documents);
  const migrationRunner = createMigrationRunner(platform, store, migrations, client);
  const timeOf = timeSource(platform, client);
  const gifts = openGifts(platform.documents);
  const purchases = createGiftPurchases(platform, store, gifts, timeOf);
  const respond = commandResponse(platform, client);
  const start = createStart(platform, store, client);
  const sweeper = createSweeper(store, client, platform.now, platform.log, platform.config.sweep);
  return {
    name: 'subscription',
    about: 'Plans, coupons, gifts, subscriptions and the access that they grant.',
    routes: [
      ...planRoutes(store.plans, store.products, platform),
      ...productRoutes(store.products, store.plans, platform),
      ...migrationRoutes(platform, store, migrations, migrationRunner),
      ...couponRoutes(store.coupons, platform),
      ...promotionCodeRoutes(store.promotionCodes, store.coupons, platform),
      ...subscriptionRoutes(store, client, start),
      ...forecastRoutes(platform, client),
      ...changeRoutes(platform, store, client, respond),
      ...appliedCouponRoutes(store, client, platform, respond),
      ...commandRoutes(client, respond),
      ...quarantineRoutes(client, respond),
      ...giftRoutes({ platform, gifts, purchases, start, timeOf }),
      ...entitlementRoutes(store),
      ...(platform.config.testClocks ? clockRoutes(client) : []),
    ],
    internal: [...internalRoutes(platform, store, client, purchases), ...reconciliationRoutes(store, client)],
    reactions: [
      ...subscriptionReactions(store, client, clockAdvance, platform.log),
      ...disputeReactions(platform, client),
      ...purchases.reactions,
    ],
    report: () => subscriptionReport(store, platform.now()),
    start: async () => {
      sweeper.start();
      await purchases.sweep.start();
      await clockAdvance.resume();
      await migrationRunner.resume();
    },
    stop: async () => {
      sweeper.stop();
      await purchases.sweep.stop();
      await clockAdvance.stop();
      await migrationRunner.stop();
    },
  };
};
