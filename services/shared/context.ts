import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';

/**
 * The position in a distributed trace, kept per request and passed on to everything that the
 * request calls or publishes.
 */
export type Trace = { readonly traceId: string; readonly traceparent: string };

const traces = new AsyncLocalStorage<Trace>();

/** Joins the caller's W3C trace when its `traceparent` is well formed, else starts a new one. */
export function traceFrom(header: string | undefined): Trace {
  const joined = /^00-([0-9a-f]{32})-[0-9a-f]{16}-([0-9a-f]{2})$/.exec(header ?? '');
  const traceId = joined?.[1] ?? randomBytes(16).toString('hex');
  return { traceId, traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-${joined?.[2] ?? '00'}` };
}

export const withTrace = <Value>(trace: Trace, run: () => Value): Value => traces.run(trace, run);

export const currentTrace = (): Trace | undefined => traces.getStore();
