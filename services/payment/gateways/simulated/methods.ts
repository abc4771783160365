import { randomUUID } from 'node:crypto';
import { simulatedCard } from '../../../shared/contracts/simulated-card.ts';
import type { MethodCheck } from '../gateway.ts';

/** What an app would go on with; the simulation has nothing to show, so any token may be added afterwards. */
export function simulatedSetUp(): { readonly setupIntentId: string; readonly clientSecret: string } {
  const setupIntentId = `seti_${randomUUID().replaceAll('-', '')}`;
  return { setupIntentId, clientSecret: `${setupIntentId}_secret` };
}

/** Any token is a method here: how it behaves shows when it is charged. */
export const verifySimulated = (token: string): MethodCheck => ({
  kind: 'verified',
  method: { token, type: 'card', card: simulatedCard(token) },
});
