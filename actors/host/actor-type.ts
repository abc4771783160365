import type { z } from 'zod';
import type { Rejection } from '../../services/shared/result.ts';
import type { Fired } from './reminders.ts';

/** What every method answers, always with HTTP 200: the sidecar takes any other status as "try again". */
export type ActorAnswer = { readonly ok: true; readonly [field: string]: unknown } | { readonly ok: false; readonly rejection: Rejection };

/** How a call reached us. */
export type Caller = {
  /** `event`: a reaction that acknowledges only after our 200, so the broker's redelivery stands behind the turn. */
  readonly origin: 'call' | 'event';
  readonly idempotencyKey: string | null;
};

// biome-ignore lint/suspicious/noExplicitAny: each method names its own body
export type ActorMethod<Body = any> = {
  readonly schema: z.ZodType<Body>;
  readonly run: (id: string, body: Body, caller: Caller) => Promise<ActorAnswer>;
};

/** An actor type as data: only what its table declares can be called. */
export type ActorType = {
  readonly type: string;
  readonly methods: Readonly<Record<string, ActorMethod>>;
  /** A reminder fired. It is only a hint: the state decides what is due. A throw makes the sidecar try again. */
  readonly remind: (id: string, name: string, fired: Fired) => Promise<void>;
  /** The sidecar put the actor to sleep, or moved it away: forget what memory holds of it. */
  readonly forget: (id: string) => void;
};
