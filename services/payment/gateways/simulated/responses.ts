import type { Instant } from '../../../shared/time.ts';
import type { GatewayOutcome } from '../gateway.ts';
import { behaviourOf } from './cards.ts';
import type { KnownRequest, Settled, SimulatedIntent } from './intents.ts';

/** Two requests under one key are one where these are equal. */
export const parametersOf = (operation: string, parameters: object): string =>
  JSON.stringify([operation, ...Object.entries(parameters).sort()]);

/** How a charge of the method ends now, by its token. */
export function answerOf(intentId: string, paymentMethod: string, now: Instant): Settled {
  const behaviour = behaviourOf(paymentMethod, now);
  if (behaviour.kind === 'succeeds') return { kind: 'succeeded', intentId };
  if (behaviour.kind === 'settles') return { kind: 'pending', intentId };
  if (behaviour.kind === 'asks') return { kind: 'action-required', intentId, clientSecret: `${intentId}_secret` };
  return { kind: 'declined', intentId, code: behaviour.code };
}

/** What the caller hears of a charge just made: nothing, for a method whose answers get lost. A repeat of the key tells. */
export function heard(answer: Settled, paymentMethod: string, now: Instant): GatewayOutcome {
  const behaviour = behaviourOf(paymentMethod, now);
  return behaviour.kind === 'succeeds' && behaviour.answerLost ? { kind: 'unknown' } : answer;
}

/** What the key got before. Throws where it comes with other parameters, as a real gateway refuses that. */
export function savedAnswer(intent: SimulatedIntent, { key, parameters }: KnownRequest): Settled | undefined {
  const known = intent.requests.find((request) => request.key === key);
  if (known && known.parameters !== parameters) throw new Error(`the idempotency key ${key} was used with other parameters`);
  return known?.answer;
}

export const latestAnswer = ({ requests }: SimulatedIntent): Settled => (requests.at(-1) as KnownRequest).answer;
