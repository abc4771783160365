import { createHash } from 'node:crypto';
import { type Problem, problem } from './problem.ts';

/** The strong ETag of a resource as it is answered: equal content, equal tag (RFC 9110, 8.8.3). */
export const etagOf = (resource: unknown): string =>
  `"${createHash('sha256').update(JSON.stringify(resource)).digest('base64url').slice(0, 22)}"`;

/**
 * 412 where `If-Match` names another version than the current one (RFC 9110, 13.1.1); undefined
 * where the write may go on. `current` is the resource as it is answered, undefined where there is
 * none. The write itself must then be a compare-and-set, so that of two racing editors one is
 * refused.
 */
export function preconditionFailed(ifMatch: string | string[] | undefined, current: unknown): Problem | undefined {
  if (ifMatch === undefined) return undefined;
  const wanted = String(ifMatch)
    .split(',')
    .map((tag) => tag.trim());
  const isMatch = current !== undefined && (wanted.includes('*') || wanted.includes(etagOf(current)));
  return isMatch ? undefined : changedMeanwhile();
}

/** 412: the resource is no longer what the editor read. */
export const changedMeanwhile = (): Problem =>
  problem(412, 'precondition-failed', 'The resource has changed since it was read. Read it again and repeat the change.');
