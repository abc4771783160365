import { DaprClient, HttpMethod } from '@dapr/dapr';
import type { Config } from './config.ts';
import type { ServiceName } from './service.ts';

/**
 * Calls another service's `internal` route through Dapr service invocation, wherever that service runs.
 * Answers the JSON body, undefined for 404; throws when the service or a sidecar is away, or answers anything else than 2xx.
 */
export type Invoke = (service: ServiceName, method: 'get' | 'post', path: string, body?: object) => Promise<unknown>;

export function createInvoke(config: Config): Invoke {
  const dapr = new DaprClient({
    daprHost: '127.0.0.1',
    daprPort: String(config.daprPort),
    ...(config.daprToken && { daprApiToken: config.daprToken }),
  });
  return async (service, method, path, body) => {
    try {
      return await dapr.invoker.invoke(
        config.appIdOf(service),
        `internal/${service}/${path}`,
        method === 'get' ? HttpMethod.GET : HttpMethod.POST,
        body,
      );
    } catch (error) {
      if (/"status":404\b/.test(String((error as Error).message))) return undefined;
      throw error;
    }
  };
}
