import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { findOnPath, run } from '../../dapr/runtime/command.ts';
import { binariesDirectory } from '../../dapr/runtime/directories.ts';
import { waitForLock } from '../../dapr/runtime/process-lock.ts';

/**
 * What the Stripe gateway is tried against; nothing that runs Marquee needs it. `stripeMock`: Stripe's own, checks every request against
 * the OpenAPI description, remembers nothing. `localstripe`: the folder of a Python package that remembers, and declines.
 */
export type GatewayServers = { readonly stripeMock: string; readonly python: string; readonly localstripe: string };

const stripeMock = 'github.com/stripe/stripe-mock@v0.203.0';
const localstripe = 'localstripe==1.15.10';

/** Why the servers cannot be had on this machine, or undefined when they can. */
export function missingForGatewayServers(): string | undefined {
  const missing = ['go', 'python3'].filter((program) => findOnPath(program) === undefined);
  return missing.length === 0 ? undefined : `${missing.join(' and ')} not installed`;
}

/** The servers, obtained at the first call on this machine; after that no network is needed. Throws when one cannot be had. */
export async function obtainGatewayServers(): Promise<GatewayServers> {
  const key = createHash('sha256')
    .update(await readFile(import.meta.filename))
    .digest('hex')
    .slice(0, 12);
  const final = join(binariesDirectory, `gateway-servers-${key}`);
  const lock = await waitForLock(join(binariesDirectory, 'gateway-servers.lock'), () => {});
  try {
    if (!existsSync(final)) await fill(final);
  } finally {
    lock.release();
  }
  const python = findOnPath('python3');
  if (python === undefined) throw new Error('python3 is not on PATH');
  return { stripeMock: join(final, 'stripe-mock'), python, localstripe: join(final, 'localstripe') };
}

/** Fills a folder beside the final one and moves it there at once, so that a half-filled one is never taken for whole. */
async function fill(final: string): Promise<void> {
  const partial = await mkdtemp(join(binariesDirectory, 'gateway-servers-partial-'));
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--target', join(partial, 'localstripe')];
  try {
    await run('go', ['install', stripeMock], { environment: { GOBIN: partial, GOWORK: 'off' } });
    await run('python3', [...pip, localstripe]);
    await rename(partial, final);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}
