import { forgetAnswersAbout } from '../shared/idempotency.ts';
import { createRisk } from '../shared/risk.ts';
import type { CreateService } from '../shared/service.ts';
import { createAnnouncements } from './announcements.ts';
import { createCardExpiryWatch } from './card-expiry-watch.ts';
import { createCustomers } from './customers.ts';
import { internalRoutes } from './internal-routes.ts';
import { createMethodChecks } from './method-checks.ts';
import { admitMethods } from './method-risk.ts';
import { paymentMethodRoutes } from './payment-method-routes.ts';
import { customerRoutes } from './routes.ts';
import { createAccountStore } from './store.ts';
import { createCardLinks } from './update-card/links.ts';
import { cardLinkRoutes } from './update-card/routes.ts';
import { openCardLinks } from './update-card/store.ts';

/** Customers with their language, currency and time zone, and their payment methods. */
export const createAccountService: CreateService = (platform) => {
  const store = createAccountStore(platform.documents);
  const announcements = createAnnouncements(store, platform);
  const customers = createCustomers(store, announcements, platform);
  const checks = createMethodChecks(platform);
  const admit = admitMethods(checks, createRisk(platform));
  const links = createCardLinks(platform, openCardLinks(platform.documents), customers, admit);
  const watch = createCardExpiryWatch(platform, store);
  return {
    name: 'account',
    about: 'Stores customers with their language, currency and time zone, and their payment methods.',
    routes: [
      ...customerRoutes(customers, store, (id) => forgetAnswersAbout(platform.documents, id)),
      ...paymentMethodRoutes(customers, checks, admit),
      ...cardLinkRoutes(links, checks, platform),
    ],
    internal: internalRoutes(customers, links, platform),
    reactions: [],
    start: async () => {
      await announcements.start();
      watch.start();
    },
    stop: async () => {
      await watch.stop();
      await announcements.stop();
    },
  };
};
