import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'ava';

const project = join(import.meta.dirname, '..', '..');
const pages = ['*.md', 'docs/**/*.md', 'examples/**/*.md'].flatMap((pattern) => globSync(pattern, { cwd: project }));
const textOf = (page: string): string => readFileSync(join(project, page), 'utf8');

/** The page without its code blocks, as lines. */
const proseOf = (page: string): string[] =>
  textOf(page)
    .replaceAll(/^```[\s\S]*?^```/gm, '')
    .split('\n');

/** The anchor of a heading, as code hosts derive it. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w\s-]/g, '')
    .trim()
    .replaceAll(' ', '-');

const anchorsIn = (page: string): string[] =>
  proseOf(page).flatMap((line) => (/^#+ /.test(line) ? [anchorOf(line.replace(/^#+ /, ''))] : []));

test('each link between pages leads to a page, and to a heading of it', (t) => {
  const broken = pages.flatMap((page) =>
    [...textOf(page).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)].flatMap(([link, path = '', anchor]) => {
      const target = path === '' ? page : join(dirname(page), path);
      const isThere = existsSync(join(project, target)) && (anchor === undefined || anchorsIn(target).includes(anchor));
      return isThere ? [] : [`${page}: ${link}`];
    }),
  );
  t.deepEqual(broken, []);
});

test('each file that a page names is there', (t) => {
  const named = /`((?:actors|services|components|dapr|k8s|tests|docs|examples)\/[\w./-]+)`/g;
  const missing = pages
    .filter((page) => page !== 'CHANGELOG.md')
    .flatMap((page) =>
      [...textOf(page).matchAll(named)].flatMap(([, path = '']) => (existsSync(join(project, path)) ? [] : [`${page}: ${path}`])),
    );
  t.deepEqual(missing, []);
});

test('the README says of each runtime dependency what it is for', (t) => {
  const { dependencies } = JSON.parse(textOf('package.json')) as { dependencies: Readonly<Record<string, string>> };
  const rows = new Set([...textOf('README.md').matchAll(/^\| `([^`]+)`/gm)].map(([, name]) => name));
  const packages = new Set(Object.keys(dependencies).map((name) => name.replace(/^(@embedpdf\/fonts)-.*/, '$1-*')));
  t.deepEqual(
    [...packages].filter((name) => !rows.has(name)),
    [],
  );
});

test('prose ends at column 100', (t) => {
  const long = pages.flatMap((page) => proseOf(page).filter((line) => line.length > 100 && !line.startsWith('|')));
  t.deepEqual(long, []);
});
