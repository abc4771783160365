// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the samples are source code
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';

const project = join(import.meta.dirname, '..', '..');
// The invariants describe stored states to operators, with the stored values.
const files = globSync('{services,actors}/**/*.ts', { cwd: project, exclude: ['actors/subscription/rules/invariants.ts'] });

/**
 * The last name of an interpolated value that stands for minor units; the result of a call is
 * formatted.
 */
const nameOfAmount =
  /^[\w.?!]*\b(\w*amount\w*|\w*total|\w*balance|\w*minor\w*|\w*price|\w*tax|\w*fee|\w*due|\w*paid|\w*owed|\w*excess|\w*remaining|left|money|creditable|refundable|disputed|discount)$/i;

/**
 * The interpolated values of the template literals in a source that read as text for people: words
 * with spaces.
 */
const valuesInTexts = (source: string): string[] =>
  [...source.matchAll(/`(?:[^`\\]|\\.)*`/gs)]
    .filter(([literal]) => /[a-z] [a-z]|[a-z] \$\{|\} [a-z]/.test(literal))
    .flatMap(([literal]) => [...literal.matchAll(/\$\{([^{}]*)\}/g)].map(([, value = '']) => value.trim()));

test('no message interpolates an amount in minor units without formatting it in its currency', (t) => {
  const bare = files.flatMap((file) =>
    valuesInTexts(readFileSync(join(project, file), 'utf8'))
      .filter((value) => nameOfAmount.test(value))
      .map((value) => `${file}: ${value}`),
  );
  t.deepEqual(bare, []);
});

test('an amount in minor units is found in a message, and a formatted one is accepted', (t) => {
  const found = (source: string) => valuesInTexts(source).filter((value) => nameOfAmount.test(value));
  t.deepEqual(found('reject(`At most ${invoice.amountDue} can still be paid.`)'), ['invoice.amountDue']);
  t.deepEqual(found('`The credit of ${balance} ${currency} is used.`'), ['balance']);
  t.deepEqual(found('`At most ${formatted(left)} can still be refunded.`'), []);
  t.deepEqual(found("`At most ${formatMoney({ amount: due, currency }, 'en')} is due.`"), []);
  t.deepEqual(found('`invoice-${amount}`'), []);
});
