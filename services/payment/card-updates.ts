import type { Platform } from '../shared/service.ts';
import { type GatewayName, type Gateways, gatewayOf } from './gateways/gateways.ts';

/**
 * Asks a gateway what a card is by now, after its bank renewed it, and tells account. Nothing where the method is nobody's here any more;
 * throws while one of them is away. A repeat changes nothing.
 */
export async function lookAtMethod({ invoke }: Platform, gateways: Gateways, name: GatewayName, token: string): Promise<void> {
  const found = (await gatewayOf(gateways, name).lookUpMethod?.(token)) ?? { kind: 'absent' };
  if (found.kind === 'unknown') throw new Error(`the gateway ${name} does not tell of a method`);
  if (found.kind !== 'found') return;
  const { country: _, ...card } = found.card;
  const news = Object.fromEntries(Object.entries(card).filter(([, value]) => value !== null));
  await invoke('account', 'post', `customers/${found.customerId}/cards`, { gateway: name, token, card: news });
}
