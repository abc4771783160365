/**
 * Waits for parts that start in parallel. When one fails, `abandon` is aborted so that the others
 * stop waiting, the parts that already run are stopped, and the failure is thrown.
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
