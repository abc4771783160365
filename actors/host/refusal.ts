import type { ProblemCode } from '../../services/shared/problems/index.ts';
import type { Rejection } from '../../services/shared/result.ts';

/** A command or query that was refused. It is a response like any other and changed nothing. */
export type Refusal = { readonly ok: false; readonly rejection: Rejection };

/** Refuses with a stable code; `pointer` names the field that is to blame, where one is. */
export const refuse = (code: ProblemCode, message: string, pointer?: string): Refusal => ({
  ok: false,
  rejection: pointer === undefined ? { code, message } : { code, message, pointer },
});
