import { type Connection, Schema } from 'mongoose';
import { collectionOf, documentModel, insertNew } from '../../shared/mongo.ts';
import type { GatewayRoute } from './routing.ts';

type RoutesDocument = { readonly _id: string; readonly sequence: number; readonly routes: readonly GatewayRoute[] };

const id = 'gateway-routes';

/** The routes and the number of their last change; 0 where none were ever saved. */
export type RoutingVersion = { readonly routes: readonly GatewayRoute[]; readonly sequence: number };

export type RoutingStore = ReturnType<typeof createRoutingStore>;

/** The preferred gateways of payments, as an operator saved them last. */
export function createRoutingStore(documents: Connection) {
  const settings = documentModel<RoutesDocument>(documents, 'payment_settings', { sequence: Number, routes: [Schema.Types.Mixed] });
  const version = async (): Promise<RoutingVersion> => {
    const stored = await collectionOf(settings).findOne({ _id: id });
    return { routes: stored?.routes ?? [], sequence: stored?.sequence ?? 0 };
  };
  return {
    version,
    routes: async (): Promise<readonly GatewayRoute[]> => (await version()).routes,
    /**
     * Saves the routes, and returns the number of this change, counted from 1. With `expected`,
     * only while that is still the number of the last change; undefined where it no longer is.
     */
    save: async (routes: readonly GatewayRoute[], expected?: number): Promise<number | undefined> => {
      if (expected === 0) return (await insertNew(settings, [{ _id: id, sequence: 1, routes }])).has(id) ? 1 : undefined;
      const saved = await collectionOf(settings).findOneAndUpdate(
        { _id: id, ...(expected !== undefined && { sequence: expected }) },
        { $set: { routes }, $inc: { sequence: 1 } },
        { upsert: expected === undefined, returnDocument: 'after' },
      );
      return saved?.sequence;
    },
  };
}
