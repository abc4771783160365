import { DaprClient, HttpMethod } from '@dapr/dapr';
import type { Config } from '../shared/config.ts';
import { InvokeError } from '../shared/invoke-error.ts';
import type { Invoke } from '../shared/service.ts';

/**
 * Calls to other services through this process's sidecar; see `Invoke` for what they return and
 * throw.
 */
export function createInvoke(config: Config): Invoke {
  const dapr = new DaprClient({
    daprHost: '127.0.0.1',
    daprPort: String(config.daprPort),
    ...(config.daprToken && { daprApiToken: config.daprToken }),
  });
  return async (service, method, path, body) => {
    const verb = method === 'get' ? HttpMethod.GET : HttpMethod.POST;
    try {
      return await dapr.invoker.invoke(config.appIdOf(service), `internal/${service}/${path}`, verb, body);
    } catch (cause) {
      const error = invokeErrorOf(`${service} ${path}`, cause as Error);
      if (error.status === 404) return undefined;
      throw error;
    }
  };
}

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
