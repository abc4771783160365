import Stripe from 'stripe';
import type { StripeFailure } from './outcome.ts';

/** Answers and webhooks keep this shape whatever the account's default is. */
const apiVersion = '2026-10-28.endive';

/** A connection that was closed is tried once more by the library, with the same key: a call ends within 25 s in any case. */
const timeout = 12_000;

export type StripeSettings = {
  readonly secretKey: string;
  /** Where the API is, for example `https://api.stripe.com`. */
  readonly apiBase: string;
};

export type StripeClient = Stripe;

/** The answer of a call, or what its failure means; what Stripe's library did not throw is a bug and goes on. */
export async function answered<Outcome>(call: Promise<Outcome>, meaning: (failure: StripeFailure) => Outcome | Promise<Outcome>) {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeError)) throw error;
    return meaning(error as unknown as StripeFailure);
  }
}

/** Seconds a signature holds: what is older may be somebody's recording (Stripe's own default). */
const toleranceSeconds = 300;

/**
 * The event of a webhook whose signature is right and young, else undefined: forged, too old, or not readable at all
 * (https://docs.stripe.com/webhooks#verify-manually). `nowMillis` is system time.
 */
export function stripeEventOf(payload: Buffer, signature: string, secret: string, nowMillis: number): unknown {
  try {
    return Stripe.webhooks.constructEvent(payload, signature, secret, toleranceSeconds, undefined, nowMillis);
  } catch (error) {
    if (error instanceof Stripe.errors.StripeSignatureVerificationError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Opens the client. Retries are ours to decide: the library makes none of its own once Stripe has responded. */
export function createStripeClient({ secretKey, apiBase }: StripeSettings): StripeClient {
  const { protocol, hostname, port } = new URL(apiBase);
  return new Stripe(secretKey, {
    apiVersion,
    protocol: protocol === 'http:' ? 'http' : 'https',
    host: hostname,
    port: port || (protocol === 'http:' ? 80 : 443),
    timeout,
    maxNetworkRetries: 0,
    telemetry: false,
  });
}
