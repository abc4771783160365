import { z } from 'zod';

/** What a token may do: `<noun>:read`, `<noun>:write`, `self` for a registered end user, or `admin` for everything. */
export const scopeSchema = z
  .string()
  .regex(/^([a-z][a-z-]*:(read|write)|self|admin)$/, 'a scope is <noun>:read, <noun>:write, self or admin');

/** True when every wanted scope is among those held; nobody can hand on more than they have. `x:write` includes `x:read`. */
export const mayGrant = (held: readonly string[], wanted: readonly string[]): boolean =>
  held.includes('admin') ||
  wanted.every((scope) => held.includes(scope) || (scope.endsWith(':read') && held.includes(scope.replace(/read$/, 'write'))));
