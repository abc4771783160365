import type { Connection } from 'mongoose';
import type { Config } from '../../shared/config.ts';
import type { Gateway } from './gateway.ts';
import { createSimulatedGateway, type NotifyDispute } from './simulated/simulated-gateway.ts';
import { createStripeGateway } from './stripe/stripe-gateway.ts';

export type GatewayName = Gateway['name'];

/** The gateways that are configured, by name. */
export type Gateways = ReadonlyMap<string, Gateway>;

/** Creates the simulated gateway always, and Stripe where its key is set. */
export function createGateways(documents: Connection, config: Config, notifyDispute: NotifyDispute): Gateways {
  const { secretKey, apiBase } = config.stripe;
  const simulated = createSimulatedGateway(documents, () => config.gatewayLatency, notifyDispute);
  const stripe = secretKey === undefined ? [] : [createStripeGateway(documents, { secretKey, apiBase })];
  return new Map([simulated, ...stripe].map((gateway) => [gateway.name, gateway]));
}

/**
 * The gateway of a name. Throws where it is not configured: its payments wait until it is again.
 */
export function gatewayOf(gateways: Gateways, name: string): Gateway {
  const gateway = gateways.get(name);
  if (gateway === undefined) throw new Error(`the gateway ${name} is not configured`);
  return gateway;
}
