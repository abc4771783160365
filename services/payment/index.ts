import type { CreateService } from '../shared/service.ts';
import { createCashier } from './cashier.ts';
import { createSettle } from './charging.ts';
import { createCollecting } from './collecting.ts';
import { internalRoutes } from './internal-routes.ts';
import { createJointSettle } from './joint-charging.ts';
import { createJointStore } from './joint-store.ts';
import { paymentReactions } from './reactions.ts';
import { refundRoutes } from './refund-routes.ts';
import { createRefunding } from './refunding.ts';
import { paymentRoutes } from './routes.ts';
import { createSimulatedGateway } from './simulated-gateway.ts';
import { createPaymentStore } from './store.ts';

/** Collects what invoices ask for, through a gateway, exactly once. */
export const createPaymentService: CreateService = (platform) => {
  const store = createPaymentStore(platform.documents);
  const gateway = createSimulatedGateway(platform.documents, platform.config.gatewayLatency);
  const joints = createJointStore(platform.documents);
  const settle = createJointSettle({ platform, store, joints, gateway, alone: createSettle(platform, store, gateway) });
  const cashier = createCashier(platform, store, settle);
  const refunding = createRefunding(platform, store, gateway);
  return {
    name: 'payment',
    about: 'Charges open invoices through a gateway, and tells what became of it.',
    routes: [...paymentRoutes(store, createCollecting(platform, store, cashier)), ...refundRoutes(platform, store, refunding)],
    internal: internalRoutes(store),
    reactions: paymentReactions({ platform, store, joints, cashier, refunding, gateway: gateway.name }),
    start: async () => {
      await cashier.start();
      await refunding.start();
    },
    stop: async () => {
      await Promise.all([cashier.stop(), refunding.stop()]);
    },
  };
};
