import type { CreateService } from '../shared/service.ts';
import { createClosing } from './closing.ts';
import { createCreditStore } from './credit-store.ts';
import { createFinalisation } from './finalisation.ts';
import { internalRoutes } from './internal-routes.ts';
import { createLegalEntities, legalEntityRoutes } from './legal-entity-routes.ts';
import { createNumberStore } from './number-store.ts';
import { invoicingReactions } from './reactions.ts';
import { invoicingRoutes } from './routes.ts';
import { createInvoiceStore } from './store.ts';
import { tableTax } from './tax/table-tax.ts';

/** Invoices with their gapless numbers, and the account credit that pays them. */
export const createInvoicingService: CreateService = (platform) => {
  const invoices = createInvoiceStore(platform.documents);
  const credits = createCreditStore(platform.documents);
  const entities = createLegalEntities(platform.documents);
  const finalisation = createFinalisation(invoices, createNumberStore(platform.documents), credits);
  const closing = createClosing(platform, invoices, credits);
  return {
    name: 'invoicing',
    about: 'Finalised, numbered invoices and account credit.',
    routes: [...invoicingRoutes({ platform, invoices, credits, closing }), ...legalEntityRoutes(entities)],
    internal: internalRoutes({ invoices, credits, entities, tax: tableTax }),
    reactions: invoicingReactions(platform, { invoices, credits, finalisation, entities, tax: tableTax }),
    start: async () => {
      await finalisation.recover();
      await closing.recover();
    },
  };
};
