import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { binariesDirectory } from '../../dapr/runtime/directories.ts';
import { waitForLock } from '../../dapr/runtime/process-lock.ts';

/**
 * A folder of tools that is filled once on this machine, by the first process that needs it, and
 * its path. `key` identifies the versions: another key fills another folder. A failed fill leaves
 * nothing behind.
 */
export async function obtainOnce(name: string, key: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const final = join(binariesDirectory, `${name}-${key}`);
  await mkdir(binariesDirectory, { recursive: true });
  const lock = await waitForLock(join(binariesDirectory, `${name}.lock`), () => {});
  try {
    if (!existsSync(final)) await fillBeside(final, join(binariesDirectory, `${name}-partial-`), fill);
  } finally {
    lock.release();
  }
  return final;
}

/**
 * Fills a temporary folder next to the final one and renames it when it is complete, so that a
 * half-filled folder is never used.
 */
async function fillBeside(final: string, prefix: string, fill: (folder: string) => Promise<void>): Promise<void> {
  const partial = await mkdtemp(prefix);
  try {
    await fill(partial);
    await rename(partial, final);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}
