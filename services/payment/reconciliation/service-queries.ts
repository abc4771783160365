import type { Platform } from '../../shared/service.ts';
import type { Period } from '../../shared/time.ts';
import type { GatewayPage } from '../gateways/gateway.ts';
import type { Payment } from '../payment.ts';
import type { InvoiceFacts, RequestedInvoice } from './difference.ts';

/** What invoicing knows of invoices, by id. */
export async function invoiceFacts({ invoke }: Platform, ids: readonly string[]): Promise<ReadonlyMap<string, InvoiceFacts>> {
  const answer = await invoke('invoicing', 'post', 'reconciliation/invoices', { ids });
  return new Map((answer as { invoices: readonly InvoiceFacts[] }).invoices.map((invoice) => [invoice.id, invoice]));
}

/** The invoices that were paid in a period. */
export async function paidInvoices({ invoke }: Platform, { start, end }: Period, after: string | null): Promise<GatewayPage<InvoiceFacts>> {
  const asked = { from: start, to: end, after: after ?? '' };
  const answer = await invoke('invoicing', 'post', 'reconciliation/paid', asked);
  const { invoices, next } = answer as { invoices: readonly InvoiceFacts[]; next: string | null };
  return { rows: invoices, next };
}

/** The invoices that subscriptions asked for in a period. */
export async function requestedInvoices(
  { invoke }: Platform,
  { start, end }: Period,
  after: string | null,
): Promise<GatewayPage<RequestedInvoice>> {
  const answer = await invoke('subscription', 'post', 'reconciliation/asked', { from: start, to: end, after: after ?? '' });
  const { asked, next } = answer as { asked: readonly RequestedInvoice[]; next: string | null };
  return { rows: asked, next };
}

/** Has a subscription ask again for an invoice. Answers what stands in the way. */
export async function requestInvoiceAgain({ invoke }: Platform, subscriptionId: string, invoiceId: string): Promise<string | undefined> {
  const answer = await invoke('subscription', 'post', 'reconciliation/ask-again', { subscriptionId, invoiceId });
  return (answer as { readonly refused?: string } | undefined)?.refused;
}

/** Of paid invoices the ones whose subscription still waits for the payment. */
export async function unaware({ invoke }: Platform, payments: readonly Payment[]): Promise<ReadonlySet<string>> {
  if (payments.length === 0) return new Set();
  const invoices = payments.map(({ invoiceId, subscriptionId }) => ({ invoiceId, subscriptionId }));
  const answer = await invoke('subscription', 'post', 'reconciliation/unaware', { invoices });
  return new Set((answer as { unaware: readonly string[] }).unaware);
}
