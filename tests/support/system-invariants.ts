import { evolve } from '../../actors/subscription/rules/evolve.ts';
import { resourceOf } from '../../actors/subscription/rules/resource.ts';
import type { Subscription, SubscriptionEvent } from '../../actors/subscription/rules/subscription.ts';
import { createSimulatedGateway, type LedgerCharge } from '../../services/payment/gateways/simulated/simulated-gateway.ts';
import { connectDocuments } from '../../services/shared/mongo.ts';
import { bodyOf, type Client } from './api-client.ts';
import type { RunningMarquee } from './marquee.ts';

type Row = Readonly<Record<string, unknown>>;
const sum = (amounts: readonly number[]): number => amounts.reduce((total, amount) => total + amount, 0);

/** Every page of a list. */
export async function allPages<Item = Row>(client: Client, path: string, cursor?: string): Promise<Item[]> {
  const query = `${path}${path.includes('?') ? '&' : '?'}limit=200${cursor === undefined ? '' : `&cursor=${cursor}`}`;
  const { data, nextCursor } = bodyOf(await client.get(query));
  return nextCursor === null ? data : [...data, ...(await allPages<Item>(client, path, nextCursor))];
}

/** Every charge that the simulated gateway of a running Marquee has made, and its refunds. */
export async function gatewayLedger({ backing }: Pick<RunningMarquee, 'backing'>): Promise<readonly LedgerCharge[]> {
  const documents = await connectDocuments(backing.documents.uri);
  try {
    return await createSimulatedGateway(documents).ledger();
  } finally {
    await documents.close();
  }
}

type PaidInvoice = { readonly amountPaid: number; readonly amountRefunded: number };

/**
 * I1: at most one successful charge per invoice, and the totals of the gateway are those of the
 * ledgers, refunds too. Returns the violations.
 */
export async function moneyViolations(marquee: RunningMarquee, client: Client): Promise<string[]> {
  const charges = await gatewayLedger(marquee);
  const payments = await allPages<{ status: string; amount: number }>(client, '/v1/payments');
  const invoices = await allPages<PaidInvoice>(client, '/v1/invoices');
  const atGateway = sum(charges.map(({ amount }) => amount));
  const inPayments = sum(payments.filter(({ status }) => status === 'succeeded').map(({ amount }) => amount));
  const onInvoices = sum(invoices.map(({ amountPaid }) => amountPaid));
  const back = sum(charges.map(({ refunded }) => refunded));
  const backOnInvoices = sum(invoices.map(({ amountRefunded }) => amountRefunded));
  const charged = charges.map(({ reference }) => reference);
  return [
    ...charged.filter((id, index) => charged.indexOf(id) !== index).map((id) => `charged twice: ${id}`),
    ...(atGateway === inPayments ? [] : [`gateway ${atGateway}, payments ${inPayments}`]),
    ...(atGateway === onInvoices ? [] : [`gateway ${atGateway}, invoices ${onInvoices}`]),
    ...(back === backOnInvoices ? [] : [`gateway gave back ${back}, invoices ${backOnInvoices}`]),
  ];
}

/**
 * I3 and I6: the history has no gap, folds to the state of the actor, and each event reached the
 * audit trail exactly once.
 */
export async function historyViolations(client: Client, id: string): Promise<string[]> {
  const resource = bodyOf(await client.get(`/v1/subscriptions/${id}`));
  const history = await allPages<SubscriptionEvent & { sequence: number }>(client, `/v1/subscriptions/${id}/events`);
  const folded = history.reduce<Subscription | undefined>(
    (state, { sequence: _, ...event }) => evolve(state, event as SubscriptionEvent),
    undefined,
  );
  const audited = (await allPages<{ id: string }>(client, `/v1/audit?subject=${id}`)).map((entry) => entry.id).sort();
  const expected = history.map(({ sequence }) => `${id}:${sequence}`).sort();
  const same = (left: unknown, right: unknown) => canonical(left) === canonical(right);
  return [
    ...(history.every(({ sequence }, index) => sequence === index + 1) ? [] : [`${id}: a gap in its history`]),
    ...(folded && same(resourceOf(folded, resource.testClock), resource) ? [] : [`${id}: the fold of its history is not its state`]),
    ...(same(audited, expected) ? [] : [`${id}: audited ${audited}, happened ${expected}`]),
  ];
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner) =>
    inner && typeof inner === 'object' && !Array.isArray(inner) ? Object.fromEntries(Object.entries(inner).sort()) : inner,
  );
}
