import type { Instant } from '../../../shared/time.ts';
import type { GatewayOutcome } from '../gateway.ts';
import { behaviourOf } from './cards.ts';
import type { KnownOutcome, KnownRequest, SimulatedIntent } from './intents.ts';

/** The parameters as text: two requests with one key are the same request if these are equal. */
export const parametersOf = (operation: string, parameters: object): string =>
  JSON.stringify([operation, ...Object.entries(parameters).sort()]);

/** The outcome of a charge of the method now, by its token. */
export function responseTo(intentId: string, paymentMethod: string, now: Instant): KnownOutcome {
  const behaviour = behaviourOf(paymentMethod, now);
  if (behaviour.kind === 'succeeds') return { kind: 'succeeded', intentId };
  if (behaviour.kind === 'settles') return { kind: 'pending', intentId };
  if (behaviour.kind === 'authenticates') return { kind: 'action-required', intentId, clientSecret: `${intentId}_secret` };
  return { kind: 'declined', intentId, code: behaviour.code };
}

/**
 * The response that arrives at the caller: none for a method whose responses get lost. A repeat of
 * the key gets it.
 */
export function deliveredOutcome(outcome: KnownOutcome, paymentMethod: string, now: Instant): GatewayOutcome {
  const behaviour = behaviourOf(paymentMethod, now);
  return behaviour.kind === 'succeeds' && behaviour.responseLost ? { kind: 'unknown' } : outcome;
}

/** The earlier response to a key. Throws for other parameters, as a real gateway refuses them. */
export function savedResponse(intent: SimulatedIntent, { key, parameters }: KnownRequest): KnownOutcome | undefined {
  const known = intent.requests.find((request) => request.key === key);
  if (known && known.parameters !== parameters) throw new Error(`the idempotency key ${key} was used with other parameters`);
  return known?.answer;
}

export const latestResponse = ({ requests }: SimulatedIntent): KnownOutcome => (requests.at(-1) as KnownRequest).answer;
