/**
 * Waits for parts that start side by side. When one fails, `abandon` tells the others not to wait any longer, those that
 * run already are stopped, and the failure is thrown.
 */
export async function together<const P extends readonly Promise<unknown>[]>(
  starting: P,
  abandon: AbortController,
  stop: (part: Awaited<P[number]>) => Promise<unknown> | undefined,
): Promise<{ -readonly [K in keyof P]: Awaited<P[K]> }> {
  try {
    return await Promise.all(starting);
  } catch (error) {
    abandon.abort(error);
    const settled = await Promise.allSettled(starting);
    const started = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value as Awaited<P[number]>] : []));
    await Promise.all(started.map(stop));
    throw error;
  }
}
