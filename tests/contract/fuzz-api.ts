import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bootMarquee } from '../support/marquee.ts';
import { obtainApiTools } from '../tools/api-tools.ts';

/**
 * `npm run fuzz:api [examples]`: Schemathesis sends valid and invalid requests for every operation
 * of the document, with a fixed seed. It reports server errors, undocumented statuses and content
 * types, bodies outside their schema, and requests that the document refuses and the API accepts.
 * Exit code 1 when there is a failure.
 */
const seed = 20_261_128;
const examples = process.argv[2] ?? '2';
const checks = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'negative_data_rejection',
  'missing_required_header',
  'unsupported_method',
  'ignored_auth',
];

const { url, client, end } = await bootMarquee();
const { python } = await obtainApiTools();
const folder = await mkdtemp(join(tmpdir(), 'marquee-fuzz-'));
const programArguments = [
  ...['-m', 'schemathesis.cli', 'run', `${url}/openapi.json`, '--header', `Authorization: Bearer ${client.token}`],
  ...['--checks', checks.join(','), '--phases', 'coverage,fuzzing', '--max-examples', examples, '--seed', String(seed)],
  ...['--workers', '2', '--no-shrink', '--continue-on-failure', '--warnings', 'off'],
];
try {
  console.log(await python(programArguments, folder));
} catch (error) {
  console.log((error as Error & { cause: { stdout?: string } }).cause.stdout ?? (error as Error).message);
  process.exitCode = 1;
} finally {
  await end();
  await rm(folder, { recursive: true, force: true });
}
