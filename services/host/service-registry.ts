import type { CreateService } from '../shared/service.ts';
import type { ServiceName } from '../shared/service-names.ts';

/**
 * The twelve services, by name: the only place that knows them all. A process loads those that it
 * runs.
 */
export const serviceRegistry: Readonly<Record<ServiceName, () => Promise<CreateService>>> = {
  auth: async () => (await import('../auth/index.ts')).createAuthService,
  account: async () => (await import('../account/index.ts')).createAccountService,
  subscription: async () => (await import('../subscription/index.ts')).createSubscriptionService,
  payment: async () => (await import('../payment/index.ts')).createPaymentService,
  invoicing: async () => (await import('../invoicing/index.ts')).createInvoicingService,
  dunning: async () => (await import('../dunning/index.ts')).createDunningService,
  notification: async () => (await import('../notification/index.ts')).createNotificationService,
  crm: async () => (await import('../crm/index.ts')).createCrmService,
  localisation: async () => (await import('../localisation/index.ts')).createLocalisationService,
  security: async () => (await import('../security/index.ts')).createSecurityService,
  analytics: async () => (await import('../analytics/index.ts')).createAnalyticsService,
  'subscription-analytics': async () => (await import('../subscription-analytics/index.ts')).createSubscriptionAnalyticsService,
};
