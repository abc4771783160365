import type { z } from 'zod';
import { type FieldProblem, type Problem, problem } from './problem.ts';

type Issue = z.core.$ZodIssue;

const jsonPointer = (path: readonly PropertyKey[]): string =>
  path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

const fieldProblems = (issues: readonly Issue[], pointer: (path: readonly PropertyKey[]) => string): FieldProblem[] =>
  issues.flatMap((issue) => {
    const unknown = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
    return unknown.map((path) => ({ pointer: pointer(path), code: issue.code.replaceAll('_', '-'), message: issue.message }));
  });

type Checked<Value> = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly problem: Problem };

/** A body in its schema's shape, or 422 with a JSON pointer to each field at fault. */
export function validateBody<Value>(schema: z.ZodType<Value>, body: unknown): Checked<Value> {
  const read = schema.safeParse(body);
  if (read.success) return { ok: true, value: read.data };
  return {
    ok: false,
    problem: problem(422, 'invalid-field', 'Some fields of the body are not valid.', fieldProblems(read.error.issues, jsonPointer)),
  };
}

/** Query parameters in their schema's shape, or 422 with `?name` for each at fault. */
export function validateQuery<Value>(schema: z.ZodType<Value>, query: unknown): Checked<Value> {
  const read = schema.safeParse(query);
  if (read.success) return { ok: true, value: read.data };
  const errors = fieldProblems(read.error.issues, (path) => `?${path.join('.')}`);
  return { ok: false, problem: problem(422, 'invalid-parameter', 'Some query parameters are not valid.', errors) };
}
