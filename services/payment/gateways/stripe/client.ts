import Stripe from 'stripe';
import type { StripeFailure } from './outcome.ts';

/** Responses and webhooks have this shape, whatever the default of the account is. */
const apiVersion = '2026-10-28.endive';

/**
 * The library retries a closed connection once with the same key, so every call ends within 25 s.
 */
const timeout = 12_000;

export type StripeSettings = {
  readonly secretKey: string;
  /** Base address of the API, for example `https://api.stripe.com`. */
  readonly apiBase: string;
};

export type StripeClient = Stripe;

/**
 * The result of a call, or the outcome that its failure stands for. An error that Stripe's library
 * did not throw is a bug and is rethrown.
 */
export async function outcomeOfCall<Outcome>(call: Promise<Outcome>, ofFailure: (failure: StripeFailure) => Outcome | Promise<Outcome>) {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeError)) throw error;
    return ofFailure(error as unknown as StripeFailure);
  }
}

/** Seconds that a signature is valid: an older one may be replayed (Stripe's own default). */
const toleranceSeconds = 300;

/**
 * The event of a webhook with a valid signature; undefined for one that is forged, too old or
 * unreadable (https://docs.stripe.com/webhooks#verify-manually). `nowMillis` is system time.
 */
export function stripeEventOf(payload: Buffer, signature: string, secret: string, nowMillis: number): unknown {
  try {
    return Stripe.webhooks.constructEvent(payload, signature, secret, toleranceSeconds, undefined, nowMillis);
  } catch (error) {
    if (error instanceof Stripe.errors.StripeSignatureVerificationError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/**
 * Creates the client. Retries are ours to decide: the library makes none once Stripe has responded.
 */
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
