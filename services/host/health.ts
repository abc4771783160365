import { setTimeout as pause } from 'node:timers/promises';
import type { Platform } from '../shared/service.ts';
import type { Health } from './system-routes.ts';

/**
 * Whether this process works: it has started, its sidecar and document store respond, and it is not
 * stopping.
 */
export function createHealth({ sidecar, documents, config, log }: Platform) {
  let phase: 'starting' | 'started' | 'stopping' = 'starting';

  const sidecarState = async (): Promise<string> => {
    try {
      const { status } = await sidecar.start('GET', '/v1.0/healthz');
      return status === 204 || status === 200 ? 'ok' : `responds with ${status}`;
    } catch (error) {
      return (error as Error).message;
    }
  };
  const documentsState = async (): Promise<string> => {
    try {
      await documents.db?.command({ ping: 1 }, { timeoutMS: 2_000 });
      return 'ok';
    } catch (error) {
      return (error as Error).message;
    }
  };

  return {
    started: () => {
      phase = phase === 'starting' ? 'started' : phase;
    },
    stopping: () => {
      phase = 'stopping';
    },
    isStopping: () => phase === 'stopping',
    sidecarReady: async (): Promise<void> => {
      for (let tries = 0; (await sidecarState()) !== 'ok'; tries++) {
        if (tries % 100 === 99) log.warn({}, 'sidecar not ready yet');
        await pause(50);
      }
    },
    check: async (): Promise<Health> => {
      const [sidecarPart, documentsPart] = await Promise.all([sidecarState(), documentsState()]);
      const ready = phase === 'started' && sidecarPart === 'ok' && documentsPart === 'ok';
      return {
        ready,
        parts: {
          process: phase === 'started' ? 'ok' : phase,
          sidecar: sidecarPart,
          documents: documentsPart,
          documentServer: config.documentsKind,
        },
      };
    },
  };
}
