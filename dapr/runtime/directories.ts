import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the clone; everything Marquee writes lies under its `.marquee/`. */
export const projectDirectory = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** What is obtained once and shared by every run, whatever its data folder. */
export const binariesDirectory = join(projectDirectory, '.marquee', 'bin');

/** Where a run keeps its data unless told otherwise. */
export const defaultDataDir = join(projectDirectory, '.marquee');
