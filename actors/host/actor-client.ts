import { InvokeError } from '../../services/shared/invoke-error.ts';
import type { Sidecar } from '../../services/shared/sidecar.ts';
import type { ActorResponse } from './actor-type.ts';

export type CallOptions = {
  /**
   * Set by reactions, whose event is delivered again until the turn has succeeded. With a key the
   * turn is guarded too, for a reaction that may leave its command out of the repeat.
   */
  readonly fromEvent?: boolean;
  readonly idempotencyKey?: string | undefined;
};

/**
 * Calls a method of an actor on whichever host it lives. A refusal is a response. Throws when no
 * turn could be started or the turn failed; the caller may then repeat the call.
 */
export async function callActor(
  sidecar: Sidecar,
  type: string,
  id: string,
  method: string,
  body: unknown = {},
  { fromEvent = false, idempotencyKey }: CallOptions = {},
): Promise<ActorResponse> {
  const { status, text } = await sidecar.start('PUT', `/v1.0/actors/${type}/${encodeURIComponent(id)}/method/${method}`, body, {
    ...(fromEvent && { 'marquee-origin': 'event' }),
    ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
  });
  if (status !== 200) throw new InvokeError(`actor ${type} ${id} ${method}`, status, text);
  // No turn has an empty response: the sidecar lost the refusal of an unavailable application.
  if (text === '') throw new InvokeError(`actor ${type} ${id} ${method}`, undefined, text, undefined, 'empty');
  return JSON.parse(text) as ActorResponse;
}
