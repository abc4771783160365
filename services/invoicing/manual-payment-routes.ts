import { z } from 'zod';
import { invoiceSchema } from '../shared/contracts/invoice-resource.ts';
import { nowOn } from '../shared/domain-time.ts';
import { amount, instant } from '../shared/fields.ts';
import { keyedId } from '../shared/new-id.ts';
import { notFound, problem } from '../shared/problem.ts';
import { created, type Route, refused, route } from '../shared/route.ts';
import { type FundsApplier, offlineFunds } from './apply-funds.ts';
import { checkFunds } from './funds.ts';
import type { AppliedFunds } from './invoice.ts';
import { hasFunds } from './invoice-balance.ts';
import { invoiceResource } from './invoice-resource.ts';
import { type InvoicingParts, largestAmount } from './routes.ts';

const manualPaymentBody = z
  .strictObject({
    amount: amount
      .max(largestAmount)
      .meta({ description: 'Minor units of the currency of the invoice; a part of the amount due or all of it' }),
    method: z.enum(['bank-transfer', 'cash', 'cheque', 'other']).default('bank-transfer'),
    reference: z.string().min(1).max(200).meta({ description: 'Reference of the payment, for example of the bank statement' }),
    proof: z.string().min(1).max(1000).nullable().default(null).meta({ description: 'Address of the document that proves the receipt' }),
    receivedAt: instant.optional().meta({ description: 'When the money arrived; now by default' }),
  })
  .meta({ id: 'RecordOfflinePayment' });

const paymentUnderWay = (id: string) =>
  problem(
    409,
    'payment-under-way',
    `The payment of invoice ${id} is waiting for the gateway or for the customer. Try again when it has ended.`,
  );

/** Money that arrived outside every gateway, such as a bank transfer, in full or in part. */
export const manualPaymentRoutes = ({ platform, invoices }: InvoicingParts, funds: FundsApplier): readonly Route[] => [
  route({
    method: 'post',
    path: '/v1/invoices/:id/payments',
    scope: 'invoices:write',
    operationId: 'recordOfflinePayment',
    summary: 'Record an offline payment',
    description:
      'Records money that arrived outside every gateway, such as a bank transfer, for an open or uncollectible invoice. The amount is in minor units and may be a part of what is due; the rest is collected as before. A repeat with the same Idempotency-Key records nothing more.',
    body: manualPaymentBody,
    responses: { 201: invoiceSchema },
    problems: ['invoice-not-found', 'invoice-not-open', 'exceeds-due', 'invoice-busy', 'payment-under-way'],
    handle: async ({ params: { id = '' }, body: { amount, receivedAt, ...receipt }, idempotencyKey }) => {
      const invoice = (await invoices.find([id])).get(id);
      if (!invoice) return notFound('invoice', id);
      const at = await nowOn(platform, invoice.testClock);
      const payment: AppliedFunds = {
        id: keyedId('pay', idempotencyKey),
        kind: 'manual',
        amount,
        at,
        receipt: { ...receipt, receivedAt: receivedAt ?? at },
      };
      const possible = checkFunds(invoice, payment);
      if (!possible.ok) return refused(possible.rejection);
      const after = await funds.apply(invoice, { id: payment.id, at, manual: payment }, offlineFunds(payment));
      if (hasFunds(after, payment.id)) return created(invoiceResource(after));
      // Another recording may have been faster and have left less to pay.
      const stillPossible = checkFunds(after, payment);
      return stillPossible.ok ? paymentUnderWay(id) : refused(stillPossible.rejection);
    },
  }),
];
