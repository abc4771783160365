/**
 * Why a call brought nothing usable: `refused` with a status, no response at all, none in time, or
 * an empty one. An empty response of 200 is a failure, because a sidecar may turn a connection that
 * an application refused into one.
 */
export type InvokeFailure = 'refused' | 'no-response' | 'timed-out' | 'empty';

/**
 * A call through the sidecar that brought no usable response: another service's internal route, or
 * a method of an actor. `status` is the HTTP status of a refusal, undefined otherwise; `body` is
 * the start of its text.
 */
export class InvokeError extends Error {
  readonly status: number | undefined;
  readonly body: string;
  readonly failure: InvokeFailure;

  constructor(target: string, status: number | undefined, body: string, cause?: unknown, failure?: InvokeFailure) {
    const why = failure ?? (status === undefined ? 'no-response' : 'refused');
    super(`${target}: ${status ?? why.replace('-', ' ')} ${body.slice(0, 300)}`, { cause });
    this.name = 'InvokeError';
    this.status = status;
    this.body = body;
    this.failure = why;
  }
}
