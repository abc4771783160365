import mongoose from 'mongoose';
import type { Platform, Service } from '../../shared/service.ts';
import { serviceNames } from '../../shared/service-names.ts';
import { serviceRegistry } from '../service-registry.ts';
import type { DescribedService } from './openapi.ts';

/**
 * All services of the API, so that every process documents the whole API, whichever part it runs.
 * Those of other processes are created without a document store and never started: only their
 * routes are read.
 */
export async function describedServices(running: readonly Service[], platform: Platform): Promise<readonly DescribedService[]> {
  const documents = mongoose.createConnection();
  documents.set('autoCreate', false);
  documents.set('autoIndex', false);
  const create = async (name: (typeof serviceNames)[number]) => (await serviceRegistry[name]())({ ...platform, documents });
  return Promise.all(serviceNames.map(async (name) => running.find((service) => service.name === name) ?? create(name)));
}
