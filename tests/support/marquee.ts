import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { type Marquee, type MarqueeOptions, startMarquee } from '../../dapr/runtime/run/stack.ts';
import { bodyOf, type Client, signIn } from './api-client.ts';

const administrator = { email: 'admin@example.com', password: 'correct horse battery staple' };

export type RunningMarquee = Marquee & {
  readonly client: Client;
  /** Signs in again, for instance after a restart of the application. */
  readonly signIn: () => Promise<Client>;
  readonly dataDir: string;
  readonly administrator: { readonly email: string; readonly password: string };
};

/**
 * The whole of Marquee on free ports and data of its own: real daprd, placement, scheduler, broker,
 * databases. Ends with the test.
 */
export async function runMarquee(t: ExecutionContext, options: Partial<MarqueeOptions> = {}): Promise<RunningMarquee> {
  const marquee = await bootMarquee(options);
  t.teardown(marquee.end);
  return marquee;
}

/** The same without a test, for benchmarks and the demo. `end` stops it and removes its data. */
export async function bootMarquee(options: Partial<MarqueeOptions> = {}): Promise<RunningMarquee & { readonly end: () => Promise<void> }> {
  const dataDir = join(import.meta.dirname, '..', '..', '.marquee', 'tests', randomBytes(4).toString('hex'));
  const marquee = await startMarquee({
    dataDir,
    shortLived: true,
    ...options,
    environment: {
      MARQUEE_ADMIN_EMAIL: administrator.email,
      MARQUEE_ADMIN_PASSWORD: administrator.password,
      MARQUEE_LOG_LEVEL: 'warn',
      ...options.environment,
    },
  });
  const authUrl = (marquee.groups.find(({ services }) => services.includes('all') || services.includes('auth')) ?? marquee).url;
  const again = () => signIn(authUrl, administrator.email, administrator.password);
  const end = async () => {
    await marquee.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  return { ...marquee, client: await again(), signIn: again, dataDir, administrator, end };
}

export type Price = {
  readonly amount?: number;
  readonly currency?: string;
  readonly unit?: string;
  readonly count?: number;
  readonly trialDays?: number;
};

/** A plan under the given id, monthly 10.99 EUR unless changed. */
export const makePlan = async (
  client: Client,
  id: string,
  { amount = 1099, currency = 'EUR', unit = 'month', count = 1, trialDays = 0 }: Price = {},
) =>
  bodyOf(
    await client.post('/v1/plans', {
      id,
      name: { en: id },
      trialDays,
      taxBehaviour: 'exclusive',
      prices: [{ currency, amount, interval: { unit, count } }],
      entitlements: { maxStreams: 2 },
    }),
  );

/** A customer with one payment method. */
export async function makeCustomer(
  client: Client,
  id: string,
  { token = 'tok_ok', testClock, timezone = 'Europe/Berlin' }: { token?: string; testClock?: string; timezone?: string } = {},
) {
  const customer = bodyOf(
    await client.post('/v1/customers', {
      id,
      email: `${id}@example.com`,
      name: id,
      locale: 'en',
      country: 'DE',
      currency: 'EUR',
      timezone,
      ...(testClock !== undefined && { testClock }),
    }),
  );
  bodyOf(await client.post(`/v1/customers/${id}/payment-methods`, { gateway: 'simulated', token, default: true }));
  return customer;
}
