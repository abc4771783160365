import type { Platform } from '../shared/service.ts';
import { type GatewayName, type Gateways, gatewayOf } from './gateways/gateways.ts';

/**
 * Reads a card that its bank renewed from its gateway and updates it in the account service. Does
 * nothing where the method no longer belongs to a customer. Throws while the gateway or the account
 * service is unavailable. A repeat changes nothing.
 */
export async function syncCard({ invoke }: Platform, gateways: Gateways, name: GatewayName, token: string): Promise<void> {
  const found = (await gatewayOf(gateways, name).lookUpMethod?.(token)) ?? { kind: 'absent' };
  if (found.kind === 'unknown') throw new Error(`the gateway ${name} does not respond about a payment method`);
  if (found.kind !== 'found') return;
  const { country: _, ...card } = found.card;
  const update = Object.fromEntries(Object.entries(card).filter(([, value]) => value !== null));
  await invoke('account', 'post', `customers/${found.customerId}/cards`, { gateway: name, token, card: update });
}
