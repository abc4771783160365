import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { problemsMarkdown } from './problem-pages.ts';

/** `npm run docs`: writes `docs/errors.md` from the table of problems. A repeat changes nothing. */
writeFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'errors.md'), problemsMarkdown());
