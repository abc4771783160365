import { InvokeError } from '../../services/shared/invoke-error.ts';
import type { Sidecar } from '../../services/shared/sidecar.ts';
import type { ActorAnswer } from './actor-type.ts';

export type CallOptions = {
  /** Set by reactions, which are delivered again until the turn has answered. */
  readonly fromEvent?: boolean;
  readonly idempotencyKey?: string | undefined;
};

/** Calls a method of an actor wherever it lives. Throws when no turn could be had or it failed; a refusal is an answer. */
export async function callActor(
  sidecar: Sidecar,
  type: string,
  id: string,
  method: string,
  body: object = {},
  { fromEvent = false, idempotencyKey }: CallOptions = {},
): Promise<ActorAnswer> {
  const answer = await sidecar.start('PUT', `/v1.0/actors/${type}/${encodeURIComponent(id)}/method/${method}`, body, {
    ...(fromEvent && { 'marquee-origin': 'event' }),
    ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
  });
  if (answer.status !== 200) throw new InvokeError(`actor ${type} ${id} ${method}`, answer.status, answer.text);
  return JSON.parse(answer.text) as ActorAnswer;
}
