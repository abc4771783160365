import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';

export type ExamplePlan = {
  price: number;
  currency: string;
  interval: 'day' | 'week' | 'month' | 'year';
  interval_count: number;
  trial_days?: number;
  billing?: 'advance' | 'arrears';
};
export type ExampleLine = { kind: string; amount: number; period: [string, string] };
export type Example = {
  id: string;
  title: string;
  convention: string;
  given: {
    plans: Record<string, ExamplePlan>;
    start: string;
    anchor_day?: number;
    timezone: string;
    retry_days?: number[];
    fixed_term_years?: number;
    credit?: number;
    credit_notes?: number[];
    invoice_total?: number;
    tax?: { rate: number };
  };
  steps: { at: string; action: string; params?: Record<string, string> }[];
  expect: {
    at: string;
    what: string;
    amount?: number;
    amounts?: number[];
    net?: number;
    lines?: ExampleLine[];
    dates?: string[];
    states?: string[];
    state?: string;
    policy?: string;
    case?: string;
  }[];
};

const path = process.env.MARQUEE_EXAMPLES ?? fileURLToPath(new URL('../../../shared/acceptance/examples.json', import.meta.url));

/** The worked cases by id, in a clone that has them beside it. */
export const examples: ReadonlyMap<string, Example> | undefined = existsSync(path)
  ? new Map((JSON.parse(readFileSync(path, 'utf8')) as { cases: Example[] }).cases.map((example) => [example.id, example]))
  : undefined;

/** Why they cannot be read elsewhere. */
export const reasonToSkip = 'the worked cases are not beside this clone; MARQUEE_EXAMPLES names their file';

/** A test of one worked case, read from the file; skipped, with the reason, where there is no file. */
export function exampleTest(id: string, run: (t: ExecutionContext, example: Example) => Promise<void> | void): void {
  const example = examples?.get(id);
  if (example === undefined) test.skip(`${id} (skipped: ${reasonToSkip})`, () => {});
  else test(`${id}: ${example.title}`, (t) => run(t, example));
}
