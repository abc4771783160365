import { z } from 'zod';
import { paymentSchema } from '../shared/contracts/payment-resource.ts';
import { identity } from '../shared/fields.ts';
import { listQuery } from '../shared/list.ts';

/** An id that is derived from others, such as an invoice's, and so may be longer than theirs. */
export const derivedId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,250}$/, 'Must be an id of letters, digits, - and _.')
  .meta({ pattern: '^[A-Za-z0-9_-]{1,250}$' });

/** The filters that payments and disputes share. */
export const movementFilters = {
  customerId: identity('cus').optional().meta({ description: 'Only of this customer' }),
  subscriptionId: derivedId.optional().meta({ description: 'Only of this subscription or gift' }),
  invoiceId: derivedId.optional().meta({ description: 'Only of this invoice' }),
};

export const paymentsQuery = listQuery({
  ...movementFilters,
  status: paymentSchema.shape.status.optional().meta({ description: 'Only in this status' }),
});
