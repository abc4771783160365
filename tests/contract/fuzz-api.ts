import { randomBytes } from 'node:crypto';
import { bootMarquee } from '../support/marquee.ts';
import { fuzzApi } from '../tools/schemathesis.ts';

/**
 * `npm run fuzz:api [examples] [seed]`: the long version of `fuzz-api.test.ts`, with the limits of
 * each field and 2 random requests for each operation by default. It prints the report
 * of Schemathesis. Exit code 1 where there is a failure.
 */
const [examples = '2', seed = '20261128'] = process.argv.slice(2);
// An access token would expire during a long run.
const token = `mk_local_${randomBytes(24).toString('hex')}`;
const { url, end } = await bootMarquee({ environment: { MARQUEE_LOCAL_KEY: token } });
try {
  const budget = { phases: 'coverage,fuzzing', examples: Number(examples), seed: Number(seed) } as const;
  const { report, failures, errors } = await fuzzApi(url, token, budget);
  console.log(report);
  process.exitCode = failures + errors > 0 ? 1 : 0;
} finally {
  await end();
}
