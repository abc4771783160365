import type { CreateService } from '../shared/service.ts';
import { createClosing } from './closing.ts';
import { creditNoteRoutes } from './credit-note-routes.ts';
import { createCreditStore } from './credit-store.ts';
import { createCrediting } from './crediting.ts';
import { documentRoutes } from './document-routes.ts';
import { createFinalisation } from './finalisation.ts';
import { internalRoutes } from './internal-routes.ts';
import { legalEntityRoutes } from './legal-entity-routes.ts';
import { createLegalEntities } from './legal-entity-store.ts';
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
  const numbers = createNumberStore(platform.documents);
  const finalisation = createFinalisation(invoices, numbers, credits);
  const crediting = createCrediting(platform, invoices, numbers, credits);
  const parts = { platform, invoices, credits, closing: createClosing(platform, invoices, credits) };
  return {
    name: 'invoicing',
    about: 'Finalised, numbered invoices and account credit.',
    routes: [...documentRoutes(invoices), ...invoicingRoutes(parts), ...creditNoteRoutes(parts, crediting), ...legalEntityRoutes(entities)],
    internal: internalRoutes({ invoices, credits, entities, tax: tableTax }),
    reactions: invoicingReactions(platform, { invoices, credits, finalisation, entities, tax: tableTax }),
    start: async () => {
      await finalisation.recover();
      await parts.closing.recover();
      await crediting.recover();
    },
  };
};
