import { sumOf } from '../../shared/money.ts';
import { type Instant, later } from '../../shared/time.ts';
import type { Invoice } from '../invoice.ts';
import { invoiceResource } from '../invoice-resource.ts';
import type { InvoiceStore } from '../store.ts';

/** The invoices of a consolidated one, in their order. */
export async function membersOf(
  invoices: InvoiceStore,
  { members }: { readonly members: readonly { readonly invoiceId: string }[] },
): Promise<readonly Invoice[]> {
  const found = await invoices.find(members.map(({ invoiceId }) => invoiceId));
  return members.flatMap(({ invoiceId }) => found.get(invoiceId) ?? []);
}

/** When the last of them was finalised, which is when all were. */
export const issuedAtOf = (members: readonly Invoice[]): Instant =>
  members.map(({ changes, issuedAt }) => changes[0]?.at ?? issuedAt).reduce(later);

const statusesByPrecedence = ['open', 'uncollectible', 'paid', 'void'] as const;

/** How several invoices stand together: open while any is, void only where all are. */
export const statusOf = (members: readonly Invoice[]): Invoice['status'] =>
  statusesByPrecedence.find((status) => members.some((member) => member.status === status)) ?? 'void';

/** A consolidated invoice as the API shows it: what its members come to, and each of them. Amounts in minor units of `currency`. */
export function consolidatedResource(id: string, members: readonly Invoice[]) {
  const shown = members.map(invoiceResource);
  const sum = (field: 'subtotal' | 'discount' | 'tax' | 'total' | 'creditApplied' | 'amountDue' | 'amountPaid') =>
    sumOf(shown.map((invoice) => invoice[field]));
  const [{ number, customerId, currency, testClock }] = shown as [(typeof shown)[number]];
  return {
    ...{ id, number, customerId, currency, status: statusOf(members), issuedAt: issuedAtOf(members) },
    ...{ subtotal: sum('subtotal'), discount: sum('discount'), tax: sum('tax'), total: sum('total') },
    ...{ creditApplied: sum('creditApplied'), amountDue: sum('amountDue'), amountPaid: sum('amountPaid') },
    invoices: shown,
    testClock,
  };
}
