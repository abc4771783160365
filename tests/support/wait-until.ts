import { setTimeout as pause } from 'node:timers/promises';

/** Resolves as soon as the condition holds; throws when it does not within the time. */
export async function until(condition: () => boolean | Promise<boolean>, withinMillis = 60_000): Promise<void> {
  const deadline = performance.now() + withinMillis;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`the condition did not hold within ${withinMillis} ms: ${condition}`);
    await pause(10);
  }
}
