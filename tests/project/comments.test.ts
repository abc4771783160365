import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';

const project = join(import.meta.dirname, '..', '..');

/** The lines of comments in TypeScript files, each with its place for the report. */
const commentLines = ['services', 'actors', 'dapr', 'tests']
  .flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: project }))
  .flatMap((path) =>
    readFileSync(join(project, path), 'utf8')
      .split('\n')
      .map((line, index) => ({ line, place: `${path}:${index + 1}` })),
  )
  .filter(({ line }) => /^\s*(\/\/|\/\*|\*)/.test(line));

test('comments end at column 100', (t) => {
  t.true(commentLines.length > 1_000);
  t.deepEqual(
    commentLines.filter(({ line }) => line.length > 100).map(({ place }) => place),
    [],
  );
});

test('each page that a comment cites is there, by its path from the project', (t) => {
  const missing = commentLines.flatMap(({ line, place }) =>
    [...line.matchAll(/[\w./-]+\.md\b/g)].flatMap(([page]) => (existsSync(join(project, page)) ? [] : [`${place}: ${page}`])),
  );
  t.deepEqual(missing, []);
});
