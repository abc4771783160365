import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../dapr/runtime/command.ts';
import { obtainOnce } from './obtain-once.ts';
import { requirePrograms } from './required-programs.ts';

/**
 * Stand-ins for Stripe, for tests only. `stripeMock` is made by Stripe: it checks every request
 * against the OpenAPI description and stores nothing. `localstripe` is the folder of a Python
 * package that stores objects and declines cards.
 */
export type GatewayServers = { readonly stripeMock: string; readonly localstripe: string };

const stripeMock = 'github.com/stripe/stripe-mock@v0.203.0';
const localstripe = 'localstripe==1.15.10';

/**
 * The servers, obtained at the first call on this machine; later calls need no network. Throws when
 * one cannot be obtained.
 */
export async function obtainGatewayServers(): Promise<GatewayServers> {
  requirePrograms('test the Stripe gateway', ['go', 'python3']);
  const recipe = await readFile(import.meta.filename);
  const folder = await obtainOnce('gateway-servers', createHash('sha256').update(recipe).digest('hex').slice(0, 12), fill);
  return { stripeMock: join(folder, 'stripe-mock'), localstripe: join(folder, 'localstripe') };
}

async function fill(folder: string): Promise<void> {
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--target', join(folder, 'localstripe')];
  await run('go', ['install', stripeMock], { environment: { GOBIN: folder, GOWORK: 'off' } });
  await run('python3', [...pip, localstripe]);
}
