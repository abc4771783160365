import type { CreateService } from '../shared/service.ts';
import { syncCard } from './card-updates.ts';
import { createConsolidatedStore } from './charging/consolidated/consolidated-store.ts';
import { createSettleConsolidated } from './charging/consolidated/settle-consolidated.ts';
import { createLookForSuccess } from './charging/look-for-success.ts';
import { createPaymentActions } from './charging/payment-actions.ts';
import { createPaymentQueue } from './charging/payment-queue.ts';
import { createSettlePayment } from './charging/settle-payment.ts';
import { disputeRoutes } from './disputes/dispute-routes.ts';
import { createDisputeStore } from './disputes/dispute-store.ts';
import { withCircuitBreaker } from './gateways/circuit-breaker.ts';
import { createGatewayHealth } from './gateways/gateway-health.ts';
import { createGateways, type Gateways } from './gateways/gateways.ts';
import { internalRoutes } from './internal-routes.ts';
import { paymentReactions } from './reactions.ts';
import { createReconciliation } from './reconciliation/index.ts';
import { createRefundQueue } from './refunds/refund-queue.ts';
import { refundRoutes } from './refunds/refund-routes.ts';
import { paymentRoutes } from './routes.ts';
import { routingRoutes } from './routing/routes.ts';
import { createPaymentStore } from './store.ts';
import { createSyncCharge } from './sync-charge.ts';
import { createCatchUp } from './webhooks/catch-up.ts';
import { createWebhookIntake, type WebhookIntake } from './webhooks/intake.ts';
import { webhookRoutes } from './webhooks/routes.ts';
import { createWebhookStore } from './webhooks/store.ts';
import { simulatedWebhook } from './webhooks/webhook.ts';

/** Collects open invoices through gateways, each exactly once. */
export const createPaymentService: CreateService = (platform) => {
  const store = createPaymentStore(platform.documents);
  const configured = createGateways(platform.documents, platform.config, (intentId, status) =>
    intake.accept(simulatedWebhook(intentId, status, platform.now())),
  );
  const gateways: Gateways = new Map(
    [...configured].map(([name, gateway]) => [
      name,
      withCircuitBreaker(gateway, (calls) => platform.log.warn({ gateway: name }, `gateway calls ${calls}`)),
    ]),
  );
  const health = createGatewayHealth(platform);
  const consolidatedPayments = createConsolidatedStore(platform.documents);
  const settleParts = { platform, store, gateways, health };
  const settle = createSettleConsolidated({ ...settleParts, consolidatedPayments, settleAlone: createSettlePayment(settleParts) });
  const paymentQueue = createPaymentQueue({ platform, store, gateways, settle });
  const refundQueue = createRefundQueue(platform, store, gateways);
  const webhooks = createWebhookStore(platform.documents);
  const disputes = createDisputeStore(platform.documents);
  const syncCharge = createSyncCharge({ platform, store, consolidatedPayments, disputes, gateways, refundQueue });
  const intake: WebhookIntake = createWebhookIntake({
    ...{ platform, store, consolidatedPayments, paymentQueue, webhooks, syncCharge },
    lookForSuccess: createLookForSuccess({ platform, store, consolidatedPayments, gateways, paymentQueue }),
    syncCard: (token) => syncCard(platform, gateways, 'stripe', token),
  });
  const catchUp = createCatchUp({ platform, gateways, intake });
  const reconciliation = createReconciliation({ platform, store, consolidatedPayments, gateways, settle });
  return {
    name: 'payment',
    about: 'Charges open invoices through a gateway, and publishes the outcomes.',
    routes: [
      ...paymentRoutes(store, createPaymentActions(platform, store, paymentQueue)),
      ...refundRoutes(platform, store, refundQueue),
      ...routingRoutes(platform, store.routing, gateways),
      ...disputeRoutes({ store, disputes, gateways, syncCharge, now: platform.now }),
      ...webhookRoutes(platform, webhooks, intake),
      ...reconciliation.routes,
    ],
    internal: internalRoutes(store, disputes, gateways, health),
    reactions: paymentReactions({ platform, store, consolidatedPayments, paymentQueue, refundQueue, gateways, syncCharge }),
    report: async () => ({ gateways: health.report(gateways.keys()) }),
    start: async () => {
      await paymentQueue.start();
      await refundQueue.start();
      await intake.resume();
      catchUp.start();
      reconciliation.start();
    },
    stop: async () => {
      await Promise.all([paymentQueue.stop(), refundQueue.stop(), catchUp.stop().then(intake.stop), reconciliation.stop()]);
    },
  };
};
