import type { Connection } from 'mongoose';
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import type { MarqueeEvent } from './events.ts';
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
   * Counts what a payment gateway, or somebody in its name, answered: an outcome or a stable code.
   */
  readonly observeGateway: (gateway: string, outcome: string) => void;
  /**
   * Counts what the risk check said to a kind of question; `unavailable` where nobody could be
   * asked.
   */
  readonly observeRisk: (kind: string, verdict: string) => void;
  /** System time in UTC. What lives on a test clock takes `event.time` instead. */
  readonly now: () => Instant;
};

/**
 * What a service does when something happened. It gets every event of a delivery that it listens
 * to, in one call, so that it can write once. Delivery is at least once and may be reordered: each
 * write is an upsert or an insert under a derived id. A throw means "not yet": the host then tries
 * the events one by one and asks the broker to redeliver those that still fail. Answers the ids of
 * the events that follow from these, published already or promised, so that a test clock knows what
 * to wait for.
 */
export type Reaction = {
  /** Event types, or `noun.*` for every event of a noun, or `*`. */
  readonly to: readonly string[];
  // biome-ignore lint/suspicious/noExplicitAny: each reaction names the data its own types carry
  readonly handle: (events: readonly MarqueeEvent<any>[]) => Promise<readonly string[]> | Promise<void>;
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
 * runs. Answers the JSON body, undefined for 404; throws when the service or a sidecar is away, or
 * answers anything else than 2xx.
 */
export type Invoke = (service: ServiceName, method: 'get' | 'post', path: string, body?: object) => Promise<unknown>;
