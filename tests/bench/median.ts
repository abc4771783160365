const runs = 30;

/**
 * The median duration of a run in milliseconds. A third as many runs go first, untimed, to warm the
 * process up.
 */
export async function medianMillis(run: () => unknown): Promise<number> {
  const times: number[] = [];
  for (let index = -runs / 3; index < runs; index += 1) {
    const began = performance.now();
    await run();
    if (index >= 0) times.push(performance.now() - began);
  }
  return times.toSorted((one, other) => one - other)[runs / 2] as number;
}
