import type { RequestedInvoice } from '../../actors/subscription/client.ts';
import { eventId } from '../shared/events.ts';
import type { Platform } from '../shared/service.ts';

type Subscription = { readonly id: string; readonly customerId: string };

const requestsOf = ({ id }: Subscription, asked: readonly RequestedInvoice[]) =>
  asked.map(({ at, sequence, request }) => ({ request, at, event: eventId(id, sequence) }));

/**
 * What these requests would become, in order: numbered nowhere and stored nowhere, but worked out by the code that makes real invoices, with
 * tax and account credit. Throws when invoicing is away.
 */
export async function askForInvoices(
  { invoke }: Platform,
  subscription: Subscription,
  asked: readonly RequestedInvoice[],
): Promise<readonly unknown[]> {
  if (asked.length === 0) return [];
  const { id: subscriptionId, customerId } = subscription;
  const body = { subscriptionId, customerId, requests: requestsOf(subscription, asked) };
  const { invoices } = (await invoke('invoicing', 'post', 'preview', body)) as { invoices: readonly unknown[] };
  return invoices;
}

/** How the invoices that are stored differ from those that the history asks for. */
export async function askForDifferences({ invoke }: Platform, subscription: Subscription, asked: readonly RequestedInvoice[]) {
  const body = { subscriptionId: subscription.id, requests: requestsOf(subscription, asked) };
  const { differences } = (await invoke('invoicing', 'post', 'verify', body)) as { differences: readonly unknown[] };
  return differences;
}
