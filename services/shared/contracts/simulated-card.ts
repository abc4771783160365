import { createHash } from 'node:crypto';
import type { MethodDetails } from './customer-resource.ts';

/**
 * What is shown of a simulated method: derived from its token, so always the same. `tok_expired`
 * has expired.
 */
export function simulatedCard(token: string): MethodDetails {
  const digest = createHash('sha256').update(token).digest('hex');
  const last4 = String(Number.parseInt(digest.slice(0, 8), 16) % 10_000).padStart(4, '0');
  const expYear = token === 'tok_expired' ? 2020 : 2040;
  return { brand: 'visa', last4, expMonth: 12, expYear, fingerprint: digest.slice(0, 16) };
}
