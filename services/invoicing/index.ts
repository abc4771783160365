import type { CreateService } from '../shared/service.ts';
import { createClosing } from './close-invoice.ts';
import { createGathering } from './consolidation/collect-renewals.ts';
import { createGroupFinalisation } from './consolidation/finalisation.ts';
import { consolidationRoutes } from './consolidation/routes.ts';
import { createGroupStore } from './consolidation/store.ts';
import { createConsolidationSweep } from './consolidation/sweep.ts';
import { createCreditExpiry } from './credit/expiry.ts';
import { giftCardRoutes } from './credit/gift-card-routes.ts';
import { createGiftCardStore } from './credit/gift-card-store.ts';
import { createCreditGiving } from './credit/giving.ts';
import { creditRoutes } from './credit/routes.ts';
import { createCreditStore } from './credit/store.ts';
import { createCrediting } from './credit-note/crediting.ts';
import { creditNoteRoutes } from './credit-note/routes.ts';
import { documentRoutes } from './document-routes.ts';
import { createFinalisation } from './finalisation.ts';
import { internalRoutes } from './internal-routes.ts';
import { legalEntityRoutes } from './legal-entity/routes.ts';
import { createLegalEntities } from './legal-entity/store.ts';
import { manualPaymentRoutes } from './manual-payment-routes.ts';
import { createNumberStore } from './number-store.ts';
import { invoicingReactions } from './reactions.ts';
import { reconciliationRoutes } from './reconciliation.ts';
import { invoicingRoutes } from './routes.ts';
import { createSettling } from './settle-invoice.ts';
import { createInvoiceStore } from './store.ts';
import { tableTax } from './tax/table-tax.ts';

/** Invoices with their gapless numbers, and the account credit that pays them. */
export const createInvoicingService: CreateService = (platform) => {
  const invoices = createInvoiceStore(platform.documents);
  const credits = createCreditStore(platform.documents);
  const entities = createLegalEntities(platform.documents);
  const cards = createGiftCardStore(platform.documents);
  const numbers = createNumberStore(platform.documents);
  const finalisation = createFinalisation(invoices, numbers, credits);
  const groups = createGroupStore(platform.documents);
  const grouping = createGroupFinalisation({ invoices, numbers, credits, entities, groups, finalisation, tax: tableTax });
  const gathering = createGathering(platform, groups, invoices, grouping);
  const sweep = createConsolidationSweep(platform, groups, gathering);
  const crediting = createCrediting(platform, invoices, numbers, credits);
  const expiry = createCreditExpiry(platform, credits, invoices);
  const settling = createSettling(platform, invoices);
  const giving = createCreditGiving(platform, invoices, credits, settling);
  const parts = { platform, invoices, credits, closing: createClosing(platform, invoices, credits), giving };
  return {
    name: 'invoicing',
    about: 'Finalised, numbered invoices and account credit.',
    routes: [
      ...documentRoutes(invoices),
      ...consolidationRoutes(groups, invoices),
      ...invoicingRoutes(parts),
      ...creditRoutes(parts),
      ...giftCardRoutes(parts, cards),
      ...creditNoteRoutes(parts, crediting),
      ...manualPaymentRoutes(parts, settling),
      ...legalEntityRoutes(entities),
    ],
    internal: [...internalRoutes({ invoices, credits, entities, tax: tableTax }), ...reconciliationRoutes(platform.documents, invoices)],
    reactions: invoicingReactions(platform, { invoices, credits, finalisation, entities, tax: tableTax, crediting, gathering }),
    start: async () => {
      await invoices.allowSharedNumbers();
      await finalisation.recover();
      await grouping.recover();
      await parts.closing.recover();
      await crediting.recover();
      await giving.recover();
      await sweep.start();
      expiry.start();
    },
    stop: async () => {
      await Promise.all([sweep.stop(), expiry.stop()]);
    },
  };
};
