/**
 * Resolves or rejects as the work does; rejects with the error of `late` where the work takes
 * longer than so many milliseconds. Late work goes on, and its outcome is ignored.
 */
export async function inTime<Value>(work: Promise<Value>, millis: number, late: () => Error): Promise<Value> {
  const { promise: expired, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(late()), millis);
  try {
    return await Promise.race([work, expired]);
  } finally {
    clearTimeout(timer);
  }
}
