import { z } from 'zod';

/**
 * A permission of a token: `<noun>:read`, `<noun>:write`, `self` for a registered end user, or
 * `admin` for everything.
 */
export const scopeSchema = z
  .string()
  .regex(/^([a-z][a-z-]*:(read|write)|self|admin)$/, 'Must be a scope: <noun>:read, <noun>:write, self or admin.')
  .meta({ description: 'Permission: <noun>:read, <noun>:write, self or admin', examples: ['customers:read'] });

/**
 * True when every requested scope is among those held, so that no one grants more than they have.
 * `x:write` includes `x:read`.
 */
export const mayGrant = (held: readonly string[], requested: readonly string[]): boolean =>
  held.includes('admin') ||
  requested.every((scope) => held.includes(scope) || (scope.endsWith(':read') && held.includes(scope.replace(/read$/, 'write'))));
