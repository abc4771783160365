import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { bootMarquee } from '../support/marquee.ts';

/** `npm run acceptance [case-id ...]`: starts Marquee on data of its own and lets the outside client live its cases through it. */
const runner = resolve(process.env.MARQUEE_ACCEPTANCE ?? '../shared/acceptance/run.mjs');
if (!existsSync(runner)) {
  console.error('The acceptance runner is not beside this clone; MARQUEE_ACCEPTANCE names its file.');
  process.exit(2);
}
const marquee = await bootMarquee();
const { email, password } = marquee.administrator;
const client = spawn(process.execPath, [runner, marquee.url, email, password, ...process.argv.slice(2)], { stdio: 'inherit' });
const code = await new Promise<number>((done) => client.once('exit', (status) => done(status ?? 1)));
await marquee.end();
process.exit(code);
