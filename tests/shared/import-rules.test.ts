import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import test from 'ava';

const project = join(import.meta.dirname, '..', '..');
const files = ['actors', 'services', 'dapr'].flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: project }));

const sourceOf = (file: string): string => readFileSync(join(project, file), 'utf8');

/** What a file imports: project files by their path, packages by their name. */
function importsOf(file: string, text = sourceOf(file)): string[] {
  const found = [...text.matchAll(/^(?:import|export)\s[^;]*?from\s+'([^']+)'/gm), ...text.matchAll(/import\('([^']+)'\)/g)];
  return found.map(([, target = '']) => (target.startsWith('.') ? relative(project, join(project, dirname(file), target)) : target));
}

const breaking = (among: readonly string[], isAllowed: (target: string, file: string) => boolean): string[] =>
  among.flatMap((file) =>
    importsOf(file)
      .filter((target) => !isAllowed(target, file))
      .map((target) => `${file} imports ${target}`),
  );

const core = files.filter((file) => file.startsWith('actors/subscription/rules/'));
const values = [
  ...['money', 'time', 'local-time', 'ids', 'result', 'equal'].map((name) => `services/shared/${name}.ts`),
  ...files.filter((file) => file.startsWith('services/shared/problems/')),
];

test('the rules of a subscription import only themselves, shared values and the calendar, and of the contracts only types', (t) => {
  t.true(core.length > 8);
  const typesOfContracts = (file: string) =>
    importsOf(file, [...sourceOf(file).matchAll(/^(?:import|export) type [^;]*;/gm)].join('\n')).filter(isContract);
  const isContract = (target: string) => target.startsWith('services/shared/contracts/');
  t.deepEqual(
    breaking(core, (target) => core.includes(target) || values.includes(target) || isContract(target)),
    [],
  );
  for (const file of core) t.deepEqual(importsOf(file).filter(isContract), typesOfContracts(file), file);
  t.deepEqual(
    breaking(values, (target) => values.includes(target) || target === 'luxon'),
    [],
  );
});

test('the rules use no clock, no environment and no random numbers', (t) => {
  const impure = /\bDate\.now\(|new Date\(\)|process\.|Math\.random|DateTime\.(now|local|utc)\(\)|performance\./;
  t.deepEqual(
    [...core, ...values].filter((file) => impure.test(readFileSync(join(project, file), 'utf8'))),
    [],
  );
});

test('a service imports only services/shared and its own folder; only the subscription service imports the client of the actors', (t) => {
  const ofServices = files.filter((file) => /^services\/(?!shared\/|host\/)[a-z-]+\//.test(file));
  const own = (file: string) => file.split('/').slice(0, 2).join('/');
  const actorDoors = ['client', 'command-schemas', 'terms-schemas', 'query-schemas'].map((name) => `actors/subscription/${name}.ts`);
  const isAllowed = (target: string, file: string) =>
    !/^(services|actors|dapr|tests)\//.test(target) ||
    target.startsWith('services/shared/') ||
    target.startsWith(`${own(file)}/`) ||
    (own(file) === 'services/subscription' && actorDoors.includes(target));
  t.deepEqual(breaking(ofServices, isAllowed), []);
});

test('services/shared imports no service and no actor', (t) => {
  const shared = files.filter((file) => file.startsWith('services/shared/'));
  t.deepEqual(
    breaking(shared, (target) => !/^(services|actors|dapr|tests)\//.test(target) || target.startsWith('services/shared/')),
    [],
  );
});

test('the host reaches a service only through its index', (t) => {
  const ofHost = files.filter((file) => file.startsWith('services/host/'));
  t.true(ofHost.length > 8);
  t.deepEqual(
    breaking(
      ofHost,
      (target) =>
        !target.startsWith('services/') || /^services\/(shared|host)\//.test(target) || /^services\/[a-z-]+\/index\.ts$/.test(target),
    ),
    [],
  );
});

test('no file imports itself through other files, not even types', (t) => {
  const reached = new Map(files.map((file) => [file, importsOf(file).filter((target) => files.includes(target))]));
  const reaches = (from: string, goal: string, seen = new Set<string>()): boolean =>
    (reached.get(from) ?? []).some((next) => next === goal || (!seen.has(next) && reaches(next, goal, seen.add(next))));
  t.deepEqual(
    files.filter((file) => reaches(file, file)),
    [],
  );
});

test('the package of each external provider is imported by one file only', (t) => {
  for (const party of ['stripe', 'twilio', '@sendgrid/mail']) {
    const knowing = files.filter((file) => importsOf(file).some((target) => target === party || target.startsWith(`${party}/`)));
    t.true(knowing.length <= 1, `${party} is imported by ${knowing}`);
  }
});

test('the environment is read in one file of the application and one of the runtime', (t) => {
  const readers = files.filter((file) => /process\.env/.test(readFileSync(join(project, file), 'utf8')));
  t.deepEqual(readers.sort(), ['dapr/runtime/environment.ts', 'services/main.ts']);
});
