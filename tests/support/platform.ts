import { isDeepStrictEqual } from 'node:util';
import type { Connection } from 'mongoose';
import { createLog } from '../../services/host/log.ts';
import { type Config, loadConfig } from '../../services/shared/config.ts';
import type { MarqueeEvent } from '../../services/shared/events.ts';
import type { Invoke, Platform } from '../../services/shared/service.ts';
import type { Sidecar } from '../../services/shared/sidecar.ts';
import { type Instant, instantOfMillis } from '../../services/shared/time.ts';

export type TestPlatform = {
  readonly documents: Connection;
  /** Every event that was handed to `publish`, in order; the test owns it. */
  readonly published: MarqueeEvent[];
  readonly now?: () => Instant;
  /** The responses of the other services; without it every call is refused. */
  readonly invoke?: Invoke;
  readonly publish?: Platform['publish'];
  readonly config?: Partial<Config>;
};

const refuse = (what: string) => async (): Promise<never> => {
  throw new Error(`${what} is not there in this test`);
};
const noSidecar: Sidecar = { start: refuse('the sidecar'), within: refuse('the sidecar'), close: async () => {} };

/**
 * Publishes into `published` as consumers see it: each event once, by its id. A concurrent sweep
 * may publish an event of the test again; a repeat with other content is added, so that the test
 * finds it.
 */
export const publishOnce =
  (published: MarqueeEvent[]): Platform['publish'] =>
  async (events) => {
    for (const event of events)
      if (!published.some((known) => known.id === event.id && isDeepStrictEqual(known, event))) published.push(event);
  };

/**
 * A platform for one service under test: real documents, a recording `publish`, no sidecar; test
 * clocks are enabled and settle immediately.
 */
export const testPlatform = ({ documents, published, now, invoke, publish, config }: TestPlatform): Platform => ({
  config: { ...loadConfig({ APP_API_TOKEN: 'test', MARQUEE_TEST_CLOCKS: 'on', MARQUEE_LOG_LEVEL: 'silent' }), ...config },
  log: createLog('silent', 'test'),
  documents,
  sidecar: noSidecar,
  publish: publish ?? (async (events) => void published.push(...events)),
  invoke: invoke ?? refuse('another service'),
  settlement: { note: async () => {}, settled: async () => true },
  observeGateway: () => {},
  observeRisk: () => {},
  now: now ?? (() => instantOfMillis(Date.now())),
});
