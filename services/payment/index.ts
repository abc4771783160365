import type { CreateService } from '../shared/service.ts';
import { lookAtMethod } from './card-updates.ts';
import { createCollecting } from './charging/collecting.ts';
import { createJointSettle } from './charging/consolidated/settle-consolidated.ts';
import { createJointStore } from './charging/consolidated/store.ts';
import { createCashier } from './charging/payment-queue.ts';
import { createSettle } from './charging/settle-payment.ts';
import { disputeRoutes } from './disputes/dispute-routes.ts';
import { createDisputeStore } from './disputes/dispute-store.ts';
import { createGatewayHealth } from './gateways/gateway-health.ts';
import { createGateways } from './gateways/gateways.ts';
import { internalRoutes } from './internal-routes.ts';
import { paymentReactions } from './reactions.ts';
import { createReconciling } from './reconciliation/index.ts';
import { createRefunding } from './refunds/refund-queue.ts';
import { refundRoutes } from './refunds/refund-routes.ts';
import { paymentRoutes } from './routes.ts';
import { routingRoutes } from './routing/routes.ts';
import { createPaymentStore } from './store.ts';
import { createReturning } from './sync-charge.ts';
import { createCatchUp } from './webhooks/catch-up.ts';
import { createWebhookIntake, type WebhookIntake } from './webhooks/intake.ts';
import { webhookRoutes } from './webhooks/routes.ts';
import { createWebhookStore } from './webhooks/store.ts';
import { simulatedWebhook } from './webhooks/webhook.ts';

/** Collects what invoices ask for, through a gateway, exactly once. */
export const createPaymentService: CreateService = (platform) => {
  const store = createPaymentStore(platform.documents);
  const gateways = createGateways(platform.documents, platform.config, (intentId, status) =>
    intake.take(simulatedWebhook(intentId, status, platform.now())),
  );
  const health = createGatewayHealth(platform);
  const joints = createJointStore(platform.documents);
  const alone = createSettle(platform, store, gateways, health);
  const settle = createJointSettle({ platform, store, joints, gateways, health, alone });
  const cashier = createCashier(platform, store, settle);
  const refunding = createRefunding(platform, store, gateways);
  const webhooks = createWebhookStore(platform.documents);
  const disputes = createDisputeStore(platform.documents);
  const lookAtReturns = createReturning({ platform, store, joints, disputes, gateways, refunding });
  const intake: WebhookIntake = createWebhookIntake({
    platform,
    store,
    joints,
    cashier,
    webhooks,
    lookAtReturns,
    lookAtMethod: (token) => lookAtMethod(platform, gateways, 'stripe', token),
  });
  const catchUp = createCatchUp({ platform, gateways, intake });
  const reconciling = createReconciling({ platform, store, joints, gateways, settle });
  return {
    name: 'payment',
    about: 'Charges open invoices through a gateway, and tells what became of it.',
    routes: [
      ...paymentRoutes(store, createCollecting(platform, store, cashier)),
      ...refundRoutes(platform, store, refunding),
      ...routingRoutes(platform, store.routing, gateways),
      ...disputeRoutes({ store, disputes, gateways, lookAtReturns, now: platform.now }),
      ...webhookRoutes(platform, webhooks, intake),
      ...reconciling.routes,
    ],
    internal: internalRoutes(store, disputes, gateways, health),
    reactions: paymentReactions({ platform, store, joints, cashier, refunding, gateways, lookAtReturns }),
    report: async () => ({ gateways: health.report(gateways.keys()) }),
    start: async () => {
      await cashier.start();
      await refunding.start();
      await intake.takeUp();
      catchUp.start();
      reconciling.start();
    },
    stop: async () => {
      await Promise.all([cashier.stop(), refunding.stop(), catchUp.stop().then(intake.stop), reconciling.stop()]);
    },
  };
};
