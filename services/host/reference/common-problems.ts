import { z } from 'zod';
import type { ProblemCode } from '../../shared/problems/index.ts';
import type { Route } from '../../shared/route.ts';

/** The problem codes that the public door itself can answer an operation with. */
export function commonProblems(route: Route): readonly ProblemCode[] {
  const takesCursor = route.query instanceof z.ZodObject && 'cursor' in route.query.shape;
  return [
    'internal-error',
    'not-available',
    ...(route.scope === 'public' ? [] : (['not-authenticated', 'token-invalid', 'scope-missing'] as const)),
    ...(route.path.includes(':') ? (['path-id-invalid'] as const) : []),
    ...(route.query ? (['invalid-parameter'] as const) : []),
    ...(takesCursor ? (['cursor-invalid'] as const) : []),
    ...(route.body ? (['body-unreadable', 'body-too-large', 'invalid-field'] as const) : []),
    ...(route.body && ['json', 'form-or-json'].includes(route.bodyFormat ?? 'json') ? (['media-type-unsupported'] as const) : []),
    ...(route.method === 'post' && !route.secretAnswer
      ? (['idempotency-key-invalid', 'idempotency-key-reused', 'idempotency-key-in-progress'] as const)
      : []),
    ...(route.ifMatch ? (['precondition-failed'] as const) : []),
  ];
}
