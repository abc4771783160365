import { DaprClient, HttpMethod } from '@dapr/dapr';
import type { Config } from '../shared/config.ts';
import { inTime } from '../shared/in-time.ts';
import { InvokeError } from '../shared/invoke-error.ts';
import type { Invoke } from '../shared/service.ts';
import type { ServiceName } from '../shared/service-names.ts';

const usualMillis = 5_000;
/**
 * The client cannot end a call, so a call that was given up lives on until its connection ends. A
 * service with this many of them receives no further call until one has ended.
 */
const mostGivenUp = 64;

/**
 * Calls to other services through this process's sidecar; see `Invoke` for what they return and
 * throw.
 */
export function createInvoke(config: Pick<Config, 'daprPort' | 'daprToken' | 'appIdOf'>): Invoke {
  const dapr = new DaprClient({
    daprHost: '127.0.0.1',
    daprPort: String(config.daprPort),
    ...(config.daprToken && { daprApiToken: config.daprToken }),
  });
  const givenUp = new Map<ServiceName, number>();
  const count = (service: ServiceName, change: 1 | -1) => givenUp.set(service, (givenUp.get(service) ?? 0) + change);

  return async (service, method, path, body, { withinMillis = usualMillis } = {}) => {
    const target = `${service} ${path}`;
    if ((givenUp.get(service) ?? 0) >= mostGivenUp) throw lateError(target, 'too many earlier calls have no response yet');
    const verb = method === 'get' ? HttpMethod.GET : HttpMethod.POST;
    const call = dapr.invoker.invoke(config.appIdOf(service), `internal/${service}/${path}`, verb, body);
    const giveUp = (): InvokeError => {
      count(service, 1);
      call.catch(() => {}).finally(() => count(service, -1));
      return lateError(target, `within ${withinMillis} ms`);
    };
    try {
      const response: unknown = await inTime(call, withinMillis, giveUp);
      if (response === '' || response == null) throw new InvokeError(target, undefined, '', undefined, 'empty');
      return response;
    } catch (cause) {
      const error = cause instanceof InvokeError ? cause : invokeErrorOf(target, cause as Error);
      if (error.status === 404) return undefined;
      throw error;
    }
  };
}

const lateError = (target: string, detail: string): InvokeError => new InvokeError(target, undefined, detail, undefined, 'timed-out');

/**
 * The SDK throws one JSON text with the status and the body of the response; without a response,
 * the socket's error.
 */
function invokeErrorOf(target: string, cause: Error): InvokeError {
  try {
    const { status, error_msg: body = '' } = JSON.parse(cause.message) as { status: number; error_msg?: string };
    return new InvokeError(target, status, String(body), cause);
  } catch {
    return new InvokeError(target, undefined, cause.message, cause);
  }
}
