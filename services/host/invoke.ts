import { DaprClient, HttpMethod } from '@dapr/dapr';
import type { Config } from '../shared/config.ts';
import type { Invoke } from '../shared/service.ts';

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
