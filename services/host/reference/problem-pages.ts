import { isProblemCode, type ProblemCode, problems } from '../../shared/problems/index.ts';
import { escaped, page } from './page.ts';

export const problemCodes = Object.keys(problems).filter(isProblemCode).sort();

/** The page that the `type` of a problem leads to. */
export function problemPage(code: ProblemCode): string {
  const { title, statuses, when, remedy } = problems[code];
  return page(
    title,
    `<table><tr><th>Code</th><td><code>${code}</code></td></tr><tr><th>Status</th><td>${statuses.join(', ')}</td></tr>
<tr><th>When</th><td>${escaped(when)}</td></tr><tr><th>What to do</th><td>${escaped(remedy)}</td></tr></table>`,
  );
}

/** Every problem code on one page. */
export const problemsPage = (): string =>
  page(
    'Problem codes',
    `<p>Every error is <code>application/problem+json</code> (RFC 9457) with one of these codes. Codes are stable; titles and details are for people.</p>
<table><tr><th>Code</th><th>Status</th><th>Title</th></tr>${problemCodes
      .map((code) => {
        const { title, statuses } = problems[code];
        return `<tr><td><a href="/docs/problems/${code}"><code>${code}</code></a></td><td>${statuses.join(', ')}</td><td>${escaped(title)}</td></tr>`;
      })
      .join('')}</table>`,
  );

const cell = (text: string): string => text.replaceAll('|', '\\|');

/** `docs/errors.md`: the same table for readers of the repository. `npm run docs` writes it. */
export const problemsMarkdown = (): string =>
  [
    '# Problem codes',
    '',
    'This file is made from `services/shared/problems` by `npm run docs`. Every error of the API is',
    '`application/problem+json` (RFC 9457) with one of these codes; its `type` is the page of the code',
    'under `/docs/problems/`. Codes are stable. A field at fault is named in `errors`, by a JSON pointer.',
    '',
    '| code | status | title | when | what to do |',
    '| --- | --- | --- | --- | --- |',
    ...problemCodes.map((code) => {
      const { title, statuses, when, remedy } = problems[code];
      return `| \`${code}\` | ${statuses.join(', ')} | ${cell(title)} | ${cell(when)} | ${cell(remedy)} |`;
    }),
    '',
  ].join('\n');
