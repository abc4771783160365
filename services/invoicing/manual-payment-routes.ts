import { z } from 'zod';
import { nowOn } from '../shared/domain-time.ts';
import { keyedId } from '../shared/new-id.ts';
import { notFound, problem } from '../shared/problem.ts';
import { created, type Route, refused, route } from '../shared/route.ts';
import { type FundsApplier, offlineFunds } from './apply-funds.ts';
import { checkFunds } from './funds.ts';
import type { AppliedFunds } from './invoice.ts';
import { hasFunds } from './invoice-balance.ts';
import { invoiceResource } from './invoice-resource.ts';
import type { InvoicingParts } from './routes.ts';
import { instant, invoiceAnswer } from './schemas.ts';

const manualPaymentBody = z.strictObject({
  amount: z.number().int().min(1).max(1_000_000_000_000),
  method: z.enum(['bank-transfer', 'cash', 'cheque', 'other']).default('bank-transfer'),
  reference: z.string().min(1).max(200),
  proof: z.string().min(1).max(1000).nullable().default(null),
  receivedAt: instant.optional(),
});

const underWay = (id: string) =>
  problem(409, 'payment-under-way', `The payment of ${id} is waiting for the gateway or for its customer; try again when it has ended.`);

/** Money that somebody saw arrive, such as a bank transfer, in full or in part. What is left is collected as before. */
export const manualPaymentRoutes = ({ platform, invoices }: InvoicingParts, funds: FundsApplier): readonly Route[] => [
  route({
    method: 'post',
    path: '/v1/invoices/:id/payments',
    scope: 'invoices:write',
    summary: 'Record money that came beside the gateway, with its reference and proof; a part of what is due, or all of it',
    body: manualPaymentBody,
    answer: invoiceAnswer,
    handle: async ({ params: { id = '' }, body: { amount, receivedAt, ...receipt }, idempotencyKey }) => {
      const invoice = (await invoices.find([id])).get(id);
      if (!invoice) return notFound('invoice', id);
      const at = await nowOn(platform, invoice.testClock);
      const settlement: AppliedFunds = {
        id: keyedId('pay', idempotencyKey),
        kind: 'manual',
        amount,
        at,
        receipt: { ...receipt, receivedAt: receivedAt ?? at },
      };
      const possible = checkFunds(invoice, settlement);
      if (!possible.ok) return refused(possible.rejection);
      const after = await funds.apply(invoice, { id: settlement.id, at, manual: settlement }, offlineFunds(settlement));
      if (hasFunds(after, settlement.id)) return created(invoiceResource(after));
      // Another recording may have come first, and left less to pay.
      const stillPossible = checkFunds(after, settlement);
      return stillPossible.ok ? underWay(id) : refused(stillPossible.rejection);
    },
  }),
];
