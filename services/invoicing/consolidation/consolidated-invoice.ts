import { z } from 'zod';
import { invoiceSchema } from '../../shared/contracts/invoice-resource.ts';
import { sumOf } from '../../shared/money.ts';
import { type Instant, later } from '../../shared/time.ts';
import type { Invoice } from '../invoice.ts';
import { invoiceResource } from '../invoice-resource.ts';
import type { InvoiceStore } from '../store.ts';

export const consolidatedSchema = invoiceSchema
  .pick({
    ...{ id: true, number: true, customerId: true, currency: true, issuedAt: true, subtotal: true, discount: true, tax: true },
    ...{ total: true, creditApplied: true, amountDue: true, amountPaid: true, testClock: true },
  })
  .extend({ status: z.enum(['open', 'uncollectible', 'paid', 'void']), invoices: z.array(invoiceSchema) })
  .meta({ id: 'ConsolidatedInvoice', description: 'Invoices that share one number and one charge; amounts in minor units' });

/** The invoices of a consolidated one, in their order. */
export async function membersOf(
  invoices: InvoiceStore,
  { members }: { readonly members: readonly { readonly invoiceId: string }[] },
): Promise<readonly Invoice[]> {
  const found = await invoices.find(members.map(({ invoiceId }) => invoiceId));
  return members.flatMap(({ invoiceId }) => found.get(invoiceId) ?? []);
}

/** The instant at which all members were finalised. */
export const issuedAtOf = (members: readonly Invoice[]): Instant =>
  members.map(({ changes, issuedAt }) => changes[0]?.at ?? issuedAt).reduce(later);

const statusesByPrecedence = ['open', 'uncollectible', 'paid', 'void'] as const;

/** The status of the whole: open while any member is open, void only where all are. */
export const statusOf = (members: readonly Invoice[]): Invoice['status'] =>
  statusesByPrecedence.find((status) => members.some((member) => member.status === status)) ?? 'void';

const summed = ['subtotal', 'discount', 'tax', 'total', 'creditApplied', 'amountDue', 'amountPaid'] as const;

/**
 * A consolidated invoice as the API returns it: the sums of its members in minor units, and each
 * member.
 */
export function consolidatedResource(id: string, members: readonly Invoice[]) {
  const invoices = members.map(invoiceResource);
  const [{ number, customerId, currency, testClock }] = invoices as [(typeof invoices)[number]];
  const sums = Object.fromEntries(summed.map((field) => [field, sumOf(invoices.map((invoice) => invoice[field]))]));
  const head = { id, number, customerId, currency, status: statusOf(members), issuedAt: issuedAtOf(members) };
  return { ...head, ...sums, invoices, testClock };
}
