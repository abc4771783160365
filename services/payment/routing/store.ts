import { type Connection, Schema } from 'mongoose';
import { documentModel } from '../../shared/mongo.ts';
import type { GatewayRoute } from './routing.ts';

type RoutesDocument = { readonly _id: string; readonly sequence: number; readonly routes: readonly GatewayRoute[] };

const id = 'gateway-routes';

export type RoutingStore = ReturnType<typeof createRoutingStore>;

/** The preferred gateways of payments, as an operator saved them last. */
export function createRoutingStore(documents: Connection) {
  const settings = documentModel<RoutesDocument>(documents, 'payment_settings', { sequence: Number, routes: [Schema.Types.Mixed] });
  return {
    routes: async (): Promise<readonly GatewayRoute[]> => (await settings.findById(id).lean())?.routes ?? [],
    /** Saves the routes and returns how often they were saved, this time included. */
    save: async (routes: readonly GatewayRoute[]): Promise<number> => {
      const update = { $set: { routes }, $inc: { sequence: 1 } };
      const saved = await settings.findOneAndUpdate({ _id: id }, update, { upsert: true, returnDocument: 'after' }).lean();
      return saved?.sequence ?? 1;
    },
  };
}
