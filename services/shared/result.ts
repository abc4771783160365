import type { ProblemCode } from './problems/index.ts';

/**
 * The reason for a refusal: a stable kebab-case code, a sentence for people, and the field at fault
 * (a JSON pointer).
 */
export type Rejection = { readonly code: ProblemCode; readonly message: string; readonly pointer?: string };

/**
 * A decision's outcome as a value. Thrown errors are reserved for bugs and outages, which must be
 * retried.
 */
export type Result<Value> = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly rejection: Rejection };

export const accept = <Value>(value: Value): Result<Value> => ({ ok: true, value });

/** Refuses with a stable code; `pointer` names the offending field when one field is to blame. */
export const reject = (code: ProblemCode, message: string, pointer?: string): Result<never> => ({
  ok: false,
  rejection: pointer === undefined ? { code, message } : { code, message, pointer },
});
