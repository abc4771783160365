import type { Connection } from 'mongoose';
import type { Config } from '../../shared/config.ts';
import type { Gateway } from './gateway.ts';
import { createSimulatedGateway, type TellOfDispute } from './simulated/simulated-gateway.ts';
import { createStripeGateway } from './stripe/stripe-gateway.ts';

export type GatewayName = Gateway['name'];

/** The gateways that are switched on here. */
export type Gateways = ReadonlyMap<string, Gateway>;

/** The simulated one always, Stripe where there is a key for it. */
export function createGateways(documents: Connection, config: Config, tellOfDispute: TellOfDispute): Gateways {
  const { secretKey, apiBase } = config.stripe;
  const simulated = createSimulatedGateway(documents, () => config.gatewayLatency, tellOfDispute);
  const stripe = secretKey === undefined ? [] : [createStripeGateway(documents, { secretKey, apiBase })];
  return new Map([simulated, ...stripe].map((gateway) => [gateway.name, gateway]));
}

/** Throws where it is switched off: its intents then wait until it is on again. */
export function gatewayOf(gateways: Gateways, name: string): Gateway {
  const gateway = gateways.get(name);
  if (gateway === undefined) throw new Error(`the gateway ${name} is switched off`);
  return gateway;
}
