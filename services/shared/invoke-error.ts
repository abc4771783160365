/**
 * A call through the sidecar that brought no usable response: another service's internal route, or
 * a method of an actor. `status` is the HTTP status of the response, undefined where none arrived;
 * `body` is the start of its text.
 */
export class InvokeError extends Error {
  readonly status: number | undefined;
  readonly body: string;

  constructor(target: string, status: number | undefined, body: string, cause?: unknown) {
    super(`${target}: ${status ?? 'no response'} ${body.slice(0, 300)}`, { cause });
    this.name = 'InvokeError';
    this.status = status;
    this.body = body;
  }
}
