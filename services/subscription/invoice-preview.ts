import type { RequestedInvoice } from '../../actors/subscription/client.ts';
import type { InvoicePreview } from '../shared/contracts/invoice-resource.ts';
import { eventId } from '../shared/events.ts';
import { type Platform, slowRoute } from '../shared/service.ts';

type Subscription = { readonly id: string; readonly customerId: string };

const requestsOf = ({ id }: Subscription, requested: readonly RequestedInvoice[]) =>
  requested.map(({ at, sequence, request }) => ({ request, at, event: eventId(id, sequence) }));

/**
 * The invoices that these requests would become, in order, from the code that makes real ones, with
 * tax and account credit. Nothing is numbered or stored. Throws when invoicing is unavailable.
 */
export async function previewInvoices(
  { invoke }: Platform,
  subscription: Subscription,
  requested: readonly RequestedInvoice[],
): Promise<readonly InvoicePreview[]> {
  if (requested.length === 0) return [];
  const { id: subscriptionId, customerId } = subscription;
  const body = { subscriptionId, customerId, requests: requestsOf(subscription, requested) };
  const { invoices } = (await invoke('invoicing', 'post', 'preview', body, slowRoute)) as { invoices: readonly InvoicePreview[] };
  return invoices;
}

/** The differences between the stored invoices and those that the history requests. */
export async function compareInvoices({ invoke }: Platform, subscription: Subscription, requested: readonly RequestedInvoice[]) {
  const body = { subscriptionId: subscription.id, requests: requestsOf(subscription, requested) };
  const { differences } = (await invoke('invoicing', 'post', 'verify', body, slowRoute)) as { differences: readonly unknown[] };
  return differences;
}
