import mongoose from 'mongoose';
import { serviceRegistry } from '../../services/host/service-registry.ts';
import type { Service } from '../../services/shared/service.ts';
import { serviceNames } from '../../services/shared/service-names.ts';
import { testPlatform } from './platform.ts';

/**
 * Every service as a process creates it, for tests that read routes and reactions without calling
 * them.
 */
export async function everyService(): Promise<readonly Service[]> {
  const platform = testPlatform({ documents: mongoose.createConnection(), published: [] });
  return Promise.all(serviceNames.map(async (name) => (await serviceRegistry[name]())(platform)));
}
