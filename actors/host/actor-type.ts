import type { z } from 'zod';
import type { Refusal } from './refusal.ts';
import type { ReminderPayload } from './reminders.ts';

/**
 * The response of every method, always with HTTP 200: the sidecar reads any other status as a
 * failed turn.
 */
export type ActorResponse = { readonly ok: true; readonly [field: string]: unknown } | Refusal;

export type Caller = {
  /**
   * `event`: a reaction, which acknowledges its event only after our 200, so the broker repeats the
   * turn.
   */
  readonly origin: 'call' | 'event';
  readonly idempotencyKey: string | null;
};

/**
 * A method whose body has passed its schema. Tables of methods hold them for a body of any type.
 */
export type ActorMethod<Body = unknown> = {
  readonly schema: z.ZodType<Body>;
  run(id: string, body: Body, caller: Caller): Promise<ActorResponse>;
};

/** Types a method's body by its schema. */
export const actorMethod = <Body>(schema: z.ZodType<Body>, run: ActorMethod<Body>['run']): ActorMethod => ({ schema, run });

/** An actor type as data: only the methods of its table can be called. */
export type ActorType = {
  readonly type: string;
  readonly methods: Readonly<Record<string, ActorMethod>>;
  /**
   * Called when a reminder fires, which is only a hint: the state decides what is due. Throws to be
   * called again.
   */
  readonly remind: (id: string, name: string, payload: ReminderPayload) => Promise<void>;
  /** Called when the sidecar deactivates the actor or moves it to another host. */
  readonly forget: (id: string) => void;
};
