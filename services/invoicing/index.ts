import { nowOn } from '../shared/domain-time.ts';
import type { CreateService } from '../shared/service.ts';
import { createSweep } from '../shared/sweep.ts';
import { createFundsApplier } from './apply-funds.ts';
import { createInvoiceCloser } from './close-invoice.ts';
import { createRenewalCollector } from './consolidation/collect-renewals.ts';
import { createConsolidatedFinalisation } from './consolidation/finalise-consolidation.ts';
import { consolidationRoutes } from './consolidation/routes.ts';
import { createConsolidationStore } from './consolidation/store.ts';
import { consolidationSweeps } from './consolidation/sweep.ts';
import { createCreditExpiry } from './credit/expiry.ts';
import { giftCardRoutes } from './credit/gift-card-routes.ts';
import { createGiftCardStore } from './credit/gift-card-store.ts';
import { createCreditGranter } from './credit/grant-credit.ts';
import { creditRoutes } from './credit/routes.ts';
import { createCreditStore } from './credit/store.ts';
import { createCreditNoteIssuer } from './credit-note/issue-credit-note.ts';
import { creditNoteRoutes } from './credit-note/routes.ts';
import { documentRoutes } from './document-routes.ts';
import { createFinalisation } from './finalisation.ts';
import { internalRoutes } from './internal-routes.ts';
import type { Invoice } from './invoice.ts';
import { legalEntityRoutes } from './legal-entity/routes.ts';
import { createLegalEntities } from './legal-entity/store.ts';
import { manualPaymentRoutes } from './manual-payment-routes.ts';
import { createNumberCatchUp } from './number-catch-up.ts';
import { createNumberStore } from './number-store.ts';
import { invoicingReactions } from './reactions.ts';
import { reconciliationRoutes } from './reconciliation-routes.ts';
import { invoicingRoutes } from './routes.ts';
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
  const consolidations = createConsolidationStore(platform.documents);
  const consolidatedFinalisation = createConsolidatedFinalisation({
    invoices,
    numbers,
    credits,
    entities,
    consolidations,
    finalisation,
    tax: tableTax,
  });
  const collector = createRenewalCollector(platform, consolidations, invoices, consolidatedFinalisation);
  const creditNotes = createCreditNoteIssuer(platform, invoices, numbers, credits);
  const funds = createFundsApplier(platform, invoices);
  const granter = createCreditGranter(invoices, credits, funds);
  const closer = createInvoiceCloser(platform, invoices, credits);
  const parts = { platform, invoices, credits, closer, granter };
  const confirmNumbers = async (): Promise<void> => {
    await finalisation.recover();
    await consolidatedFinalisation.recover();
  };
  const keepPromises = async (invoice: Invoice): Promise<unknown> =>
    creditNotes.keepPromises(invoice, await nowOn(platform, invoice.testClock));
  const sweeps = [
    createSweep({ name: 'invoice number confirmation', page: onlyOnce, work: confirmNumbers }, platform.log),
    createSweep({ name: 'invoice closure', page: invoices.withUnpublishedClosure, work: closer.publish }, platform.log),
    createSweep({ name: 'credit note', page: invoices.withUnfinishedNotes, work: creditNotes.complete }, platform.log),
    createSweep({ name: 'promised credit note', page: invoices.withPromisedNotes, work: keepPromises }, platform.log),
    createSweep({ name: 'pending funds', page: invoices.withPendingFunds, work: granter.resume }, platform.log),
    ...consolidationSweeps(platform, consolidations, collector),
    createCreditExpiry(platform, credits, invoices),
  ];
  return {
    name: 'invoicing',
    about: 'Finalised, numbered invoices and account credit.',
    routes: [
      ...documentRoutes(invoices, consolidations),
      ...consolidationRoutes(consolidations, invoices),
      ...invoicingRoutes(parts),
      ...creditRoutes(parts),
      ...giftCardRoutes(parts, cards),
      ...creditNoteRoutes(parts, creditNotes),
      ...manualPaymentRoutes(parts, funds),
      ...legalEntityRoutes(entities),
    ],
    internal: [...internalRoutes({ invoices, credits, entities, tax: tableTax }), ...reconciliationRoutes(invoices)],
    reactions: invoicingReactions(platform, { invoices, credits, finalisation, entities, tax: tableTax, creditNotes, collector }),
    start: async () => {
      await invoices.allowSharedNumbers();
      await createNumberCatchUp(numbers, invoices).all();
      await Promise.all(sweeps.map((sweep) => sweep.start()));
    },
    stop: async () => {
      await Promise.all(sweeps.map((sweep) => sweep.stop()));
    },
  };
};

/** The page of a sweep whose work looks for its rows itself. */
const onlyOnce = async (after: string) => (after === '' ? [{ _id: 'all' }] : []);
