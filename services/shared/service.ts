import type { Connection } from 'mongoose';
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import type { MarqueeEvent } from './events.ts';
import type { Reaction } from './reaction.ts';
import type { Route } from './route.ts';
import type { ServiceName } from './service-names.ts';
import type { Sidecar } from './sidecar.ts';
import type { TestClockSettlement } from './test-clock-settlement.ts';
import type { Instant } from './time.ts';

/** What a host hands to each service it runs. */
export type Platform = {
  readonly config: Config;
  readonly log: Logger;
  readonly documents: Connection;
  readonly sidecar: Sidecar;
  /**
   * Resolves when the broker has the events; rejects when it has not. A repeat is harmless: ids are
   * derived.
   */
  readonly publish: (events: readonly MarqueeEvent[]) => Promise<void>;
  /** Calls another service's `internal` route through Dapr. */
  readonly invoke: Invoke;
  readonly settlement: TestClockSettlement;
  /**
   * Counts the responses of a payment gateway, or of the platform on its behalf: an outcome or a
   * stable code.
   */
  readonly observeGateway: (gateway: string, outcome: string) => void;
  /**
   * Counts the verdicts of the risk check by kind of request; `unavailable` where the check could
   * not be reached.
   */
  readonly observeRisk: (kind: string, verdict: string) => void;
  /** System time in UTC. What lives on a test clock takes `event.time` instead. */
  readonly now: () => Instant;
};

export type Service = {
  readonly name: ServiceName;
  /** One sentence for the OpenAPI document. */
  readonly about: string;
  readonly routes: readonly Route[];
  /**
   * Reached by other services through Dapr only, on the sidecar door under `/internal/<service>`.
   */
  readonly internal?: readonly Route[];
  readonly reactions: readonly Reaction[];
  /** What an operator wants to know of it, for `GET /v1/system`. */
  readonly report?: () => Promise<Readonly<Record<string, unknown>>>;
  readonly start?: () => Promise<void>;
  readonly stop?: () => Promise<void>;
};

export type CreateService = (platform: Platform) => Service;

/**
 * Calls another service's `internal` route through Dapr service invocation, wherever that service
 * runs. Returns the JSON body, undefined for 404. Throws an `InvokeError` when the service or a
 * sidecar is unavailable, responds with anything else than 2xx or with nothing, or has not
 * responded within 5 s. What the call has changed is unknown then, so every such route can be
 * repeated.
 */
export type Invoke = (
  service: ServiceName,
  method: 'get' | 'post',
  path: string,
  body?: object,
  options?: InvokeOptions,
) => Promise<unknown>;

/** `withinMillis`: the time limit of a route that computes for long or waits for a gateway. */
export type InvokeOptions = { readonly withinMillis?: number };

/** For routes that compute for long, or that wait for a gateway, whose own limit is shorter. */
export const slowRoute: InvokeOptions = { withinMillis: 30_000 };
