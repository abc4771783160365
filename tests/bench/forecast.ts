import { runAhead } from '../../actors/subscription/rules/forecast.ts';
import type { Subscription } from '../../actors/subscription/rules/subscription.ts';
import { given, paid, start } from '../support/subscription-life.ts';
import { medianMillis } from './median.ts';

/** A forecast of three years of a monthly subscription, in process. */
export async function benchForecast(): Promise<string> {
  const { before } = given([start(), '2026-01-31'], [paid, '2026-01-31']);
  const millis = await medianMillis(() =>
    runAhead(before as Subscription, '2026-01-31T00:00:00.000Z', '2029-01-31T00:00:00.000Z', [], 'ok'),
  );
  return `three years of one subscription: ${millis.toFixed(2)} ms (target under 20)`;
}
