import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the clone. Marquee writes only below its `.marquee/`. */
export const projectDirectory = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/**
 * The folder of everything that is obtained once and shared by all runs, whatever their data
 * folders.
 */
export const binariesDirectory = join(projectDirectory, '.marquee', 'bin');

/** The data folder of a run, unless MARQUEE_DATA_DIR names another. */
export const defaultDataDir = join(projectDirectory, '.marquee');
