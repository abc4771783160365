import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { projectDirectory } from '../../dapr/runtime/directories.ts';
import { bootMarquee } from '../support/marquee.ts';

/**
 * `npm run acceptance [case-id ...]`: starts Marquee on data of its own and runs the worked cases
 * against its public API. MARQUEE_ACCEPTANCE names another client than the repository's own.
 */
const client = resolve(process.env.MARQUEE_ACCEPTANCE ?? join(projectDirectory, 'tests', 'examples', 'client.mjs'));
const marquee = await bootMarquee();
const { email, password } = marquee.administrator;
const running = spawn(process.execPath, [client, marquee.url, email, password, ...process.argv.slice(2)], { stdio: 'inherit' });
const code = await new Promise<number>((done) => running.once('exit', (status) => done(status ?? 1)));
await marquee.end();
process.exit(code);
