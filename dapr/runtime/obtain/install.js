// Installs the packages of package-lock.json where node_modules differs from it. It runs before any
// package is installed, on the machine's own Node (20 or later), so it is plain JavaScript and
// imports nothing but Node's own modules.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('../../..', import.meta.url));

/**
 * The packages in a lock file. npm writes a file of the same form into node_modules as the last
 * step of an installation. @param {string} file @returns {Record<string, { version?: string,
 * optional?: boolean }>}
 */
function packagesIn(file) {
  try {
    return JSON.parse(readFileSync(`${project}/${file}`, 'utf8')).packages;
  } catch {
    return {};
  }
}

/**
 * True when node_modules has every package in its version. Optional packages of other platforms may
 * be absent.
 */
function isInstalled() {
  const installed = packagesIn('node_modules/.package-lock.json');
  const wanted = Object.entries(packagesIn('package-lock.json')).filter(([path]) => path !== '');
  return wanted.every(([path, { version, optional }]) => (installed[path] === undefined ? optional : installed[path].version === version));
}

if (!isInstalled()) {
  const since = Date.now();
  console.log('  Packages: installing those of package-lock.json');
  const npm = process.env.npm_execpath;
  const [command, ...before] = npm === undefined ? ['npm'] : [process.execPath, npm];
  // `npm ci` requires the optional packages of every platform, and some registries do not carry
  // them all. Warnings are off: npm would warn that packages require Node 24, although they run on
  // the Node 24 that is installed with them.
  const install = [...before, 'install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status } = spawnSync(command, install, { cwd: project, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
  console.log(`  Packages: installed, in ${((Date.now() - since) / 1000).toFixed(1)} s`);
}
