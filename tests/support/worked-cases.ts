import { readFileSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';

export type WorkedPlan = {
  price: number;
  currency: string;
  interval: 'day' | 'week' | 'month' | 'year';
  interval_count: number;
  trial_days?: number;
  billing?: 'advance' | 'arrears';
};
export type WorkedLine = { kind: string; amount: number; period: [string, string] };
export type WorkedCase = {
  id: string;
  title: string;
  convention: string;
  given: {
    plans: Record<string, WorkedPlan>;
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
    lines?: WorkedLine[];
    dates?: string[];
    states?: string[];
    state?: string;
    policy?: string;
    case?: string;
  }[];
};

const file = new URL('../examples/worked-cases.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: WorkedCase[] };

/** The worked cases by id. */
export const workedCases: ReadonlyMap<string, WorkedCase> = new Map(cases.map((example) => [example.id, example]));

/** A test of one worked case. */
export function workedCaseTest(id: string, run: (t: ExecutionContext, example: WorkedCase) => Promise<void> | void): void {
  const example = workedCases.get(id);
  if (example === undefined) throw new Error(`There is no worked case ${id}.`);
  test(`${id}: ${example.title}`, (t) => run(t, example));
}
