import type { Platform } from '../../shared/service.ts';
import type { Period } from '../../shared/time.ts';
import type { GatewayPage } from '../gateways/gateway-ledger.ts';
import type { Payment } from '../payment.ts';
import type { InvoiceFacts, RequestedInvoice } from './difference.ts';

/** The facts of invoices from invoicing, by id. */
export async function invoiceFacts({ invoke }: Platform, ids: readonly string[]): Promise<ReadonlyMap<string, InvoiceFacts>> {
  const response = await invoke('invoicing', 'post', 'reconciliation/invoices', { ids });
  return new Map((response as { invoices: readonly InvoiceFacts[] }).invoices.map((invoice) => [invoice.id, invoice]));
}

/** A page of the invoices that were paid in a half-open period. */
export async function paidInvoices({ invoke }: Platform, { start, end }: Period, after: string | null): Promise<GatewayPage<InvoiceFacts>> {
  const window = { from: start, to: end, after: after ?? '' };
  const response = await invoke('invoicing', 'post', 'reconciliation/paid', window);
  const { invoices, next } = response as { invoices: readonly InvoiceFacts[]; next: string | null };
  return { rows: invoices, next };
}

/** A page of the invoices that subscriptions requested in a half-open period. */
export async function requestedInvoices(
  { invoke }: Platform,
  { start, end }: Period,
  after: string | null,
): Promise<GatewayPage<RequestedInvoice>> {
  const response = await invoke('subscription', 'post', 'reconciliation/asked', { from: start, to: end, after: after ?? '' });
  const { asked, next } = response as { asked: readonly RequestedInvoice[]; next: string | null };
  return { rows: asked, next };
}

/** Lets a subscription request an invoice again. Returns the reason of a refusal. */
export async function requestInvoiceAgain({ invoke }: Platform, subscriptionId: string, invoiceId: string): Promise<string | undefined> {
  const response = await invoke('subscription', 'post', 'reconciliation/ask-again', { subscriptionId, invoiceId });
  return (response as { readonly refused?: string } | undefined)?.refused;
}

/** The ids of those paid invoices whose subscription still waits for the payment. */
export async function unawareInvoices({ invoke }: Platform, payments: readonly Payment[]): Promise<ReadonlySet<string>> {
  if (payments.length === 0) return new Set();
  const invoices = payments.map(({ invoiceId, subscriptionId }) => ({ invoiceId, subscriptionId }));
  const response = await invoke('subscription', 'post', 'reconciliation/unaware', { invoices });
  return new Set((response as { unaware: readonly string[] }).unaware);
}
