import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { obtainApiTools } from './api-tools.ts';

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
 * `coverage` sends the limits of each field one by one; `fuzzing` sends `examples` random requests
 * for each operation.
 */
export type FuzzBudget = { readonly phases: 'fuzzing' | 'coverage,fuzzing'; readonly examples: number; readonly seed: number };

/**
 * `report` is the text of Schemathesis, which names every failure with a request that repeats it.
 */
export type FuzzResult = {
  readonly report: string;
  readonly operations: number;
  readonly requests: number;
  readonly failures: number;
  /** Operations that Schemathesis could not test to the end. */
  readonly errors: number;
};

/**
 * Schemathesis sends valid and invalid requests for every operation of the OpenAPI document. Server
 * errors, undocumented statuses and content types, bodies outside their schema, and invalid
 * requests that are accepted count as failures. The same seed sends the same requests.
 */
export async function fuzzApi(url: string, token: string, { phases, examples, seed }: FuzzBudget): Promise<FuzzResult> {
  const { python } = await obtainApiTools();
  const folder = await mkdtemp(join(tmpdir(), 'marquee-fuzz-'));
  const file = join(folder, 'report.json');
  const programArguments = [
    ...['-m', 'schemathesis.cli', 'run', `${url}/openapi.json`, '--header', `Authorization: Bearer ${token}`],
    ...['--checks', checks.join(','), '--phases', phases, '--max-examples', String(examples), '--seed', String(seed)],
    // One worker: several disturb each other's code generation in Python 3.11.
    ...['--workers', '1', '--no-shrink', '--continue-on-failure', '--warnings', 'off', '--no-color'],
    ...['--report', 'json', '--report-json-path', file],
  ];
  try {
    const report = await python(programArguments, folder).catch(outputOfFailed);
    const { operations, test_cases: cases, errors } = JSON.parse(await readFile(file, 'utf8')) as Report;
    return {
      report,
      operations: operations.tested,
      requests: cases.generated,
      failures: cases.unique_failures,
      errors: errors.length,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type Report = {
  readonly operations: { readonly tested: number };
  readonly test_cases: { readonly generated: number; readonly unique_failures: number };
  readonly errors: readonly unknown[];
};

/**
 * Schemathesis ends with 1 where it found failures, and its report is then on its standard output.
 */
function outputOfFailed(error: Error & { readonly cause?: { readonly stdout?: string } }): string {
  if (!error.cause?.stdout) throw error;
  return error.cause.stdout;
}
