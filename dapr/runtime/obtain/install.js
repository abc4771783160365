// Brings node_modules in step with package-lock.json. It runs before there are any packages, on whatever Node (20 or later)
// the machine has, so it is plain JavaScript and uses nothing but Node. When nothing is to be done it takes milliseconds.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('../../..', import.meta.url));

/**
 * The packages a lock file names. npm writes the same form into node_modules as the last step of an installation.
 * @param {string} file
 * @returns {Record<string, { version?: string, optional?: boolean }>}
 */
function packagesIn(file) {
  try {
    return JSON.parse(readFileSync(`${project}/${file}`, 'utf8')).packages;
  } catch {
    return {};
  }
}

/** Optional packages may be absent: they are those of other platforms. */
function isInstalled() {
  const installed = packagesIn('node_modules/.package-lock.json');
  const wanted = Object.entries(packagesIn('package-lock.json')).filter(([path]) => path !== '');
  return wanted.every(([path, { version, optional }]) => (installed[path] === undefined ? optional : installed[path].version === version));
}

if (!isInstalled()) {
  const since = Date.now();
  console.log('Installing packages, once and whenever package-lock.json changes.');
  const npm = process.env.npm_execpath;
  const [command, ...before] = npm === undefined ? ['npm'] : [process.execPath, npm];
  // The versions of package-lock.json, which stays as it is. Not `npm ci`: it insists on the optional packages of every
  // platform, and some registries do not carry them all.
  const install = [...before, 'install', '--no-save', '--no-audit', '--no-fund'];
  const { status } = spawnSync(command, install, { cwd: project, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
  console.log(`Packages installed in ${((Date.now() - since) / 1000).toFixed(0)} s.`);
}
