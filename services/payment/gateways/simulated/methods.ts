import { randomUUID } from 'node:crypto';
import { simulatedCard } from '../../../shared/contracts/simulated-card.ts';
import type { MethodCheck } from '../gateway.ts';

/**
 * A setup intent for an app. The simulated gateway has no page for it, so any token may be added
 * afterwards.
 */
export function simulatedSetUp(): { readonly setupIntentId: string; readonly clientSecret: string } {
  const setupIntentId = `seti_${randomUUID().replaceAll('-', '')}`;
  return { setupIntentId, clientSecret: `${setupIntentId}_secret` };
}

/** Accepts any token: its behaviour shows when it is charged. */
export const verifySimulated = (token: string): MethodCheck => ({
  kind: 'verified',
  method: { token, type: 'card', card: simulatedCard(token) },
});
