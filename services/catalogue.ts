import { createAccountService } from './account/index.ts';
import { createAnalyticsService } from './analytics/index.ts';
import { createAuthService } from './auth/index.ts';
import { createCrmService } from './crm/index.ts';
import { createDunningService } from './dunning/index.ts';
import { createInvoicingService } from './invoicing/index.ts';
import { createLocalisationService } from './localisation/index.ts';
import { createNotificationService } from './notification/index.ts';
import { createPaymentService } from './payment/index.ts';
import { createSecurityService } from './security/index.ts';
import type { CreateService, ServiceName } from './shared/service.ts';
import { createSubscriptionService } from './subscription/index.ts';
import { createSubscriptionAnalyticsService } from './subscription-analytics/index.ts';

/** The twelve services, by name: the only place that knows them all. */
export const services: Readonly<Record<ServiceName, CreateService>> = {
  auth: createAuthService,
  account: createAccountService,
  subscription: createSubscriptionService,
  payment: createPaymentService,
  invoicing: createInvoicingService,
  dunning: createDunningService,
  notification: createNotificationService,
  crm: createCrmService,
  localisation: createLocalisationService,
  security: createSecurityService,
  analytics: createAnalyticsService,
  'subscription-analytics': createSubscriptionAnalyticsService,
};
