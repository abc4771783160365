import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the clone. Marquee writes only below its `.marquee/`. */
export const projectDirectory = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/**
 * The folder of everything that is obtained once and shared by all runs, whatever their data
 * folders.
 */
export const binariesDirectory = join(projectDirectory, '.marquee', 'bin');

/**
 * Modules as Node compiled them, so that an application that starts again need not strip their
 * types and compile them again.
 */
export const compiledDirectory = join(projectDirectory, '.marquee', 'compiled');

/** The data folder of a run, unless MARQUEE_DATA_DIR names another. */
export const defaultDataDir = join(projectDirectory, '.marquee');
