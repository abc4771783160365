import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { sharedMarquee } from '../support/shared-marquee.ts';
import { obtainApiTools } from '../tools/api-tools.ts';

const seed = 20_261_128;
/** `npm run fuzz:api` asks for more; the test takes what fits beside the others. */
const examples = process.env.MARQUEE_FUZZ_EXAMPLES ?? '2';

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

/**
 * Schemathesis sends valid and invalid requests for every operation of the document. Nothing may be answered by a server
 * error, by an undocumented status or content type, or by a body outside its schema, and nothing that the document refuses
 * may be accepted.
 */
test('given the OpenAPI document, when every operation is fuzzed with a fixed seed, then the API keeps to it', async (t) => {
  t.timeout(900_000, 'the tool is obtained once, and fuzzing takes minutes');
  const { url, client } = await sharedMarquee();
  const { python } = await obtainApiTools();
  const folder = await mkdtemp(join(tmpdir(), 'marquee-fuzz-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const report = join(folder, 'report.json');
  const output = await python(
    [
      ...['-m', 'schemathesis.cli', 'run', `${url}/openapi.json`, '--header', `Authorization: Bearer ${client.token}`],
      ...['--checks', checks.join(','), '--phases', 'coverage,fuzzing', '--max-examples', examples, '--seed', String(seed)],
      ...['--workers', '2', '--no-shrink', '--continue-on-failure', '--warnings', 'off', '--report', 'json', '--report-json-path', report],
    ],
    folder,
  ).catch((error: Error) => String((error.cause as { stdout?: string }).stdout ?? error.message));
  if (process.env.MARQUEE_FUZZ_OUTPUT !== undefined) await writeFile(process.env.MARQUEE_FUZZ_OUTPUT, output);
  t.log(output.split('\n').slice(-25).join('\n'));
  t.regex(output, /No issues found|0 failed/, await readFile(report, 'utf8').catch(() => ''));
});
