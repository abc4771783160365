import { z } from 'zod';
import { type Problem, problem } from '../shared/problem.ts';
import type { Route } from '../shared/route.ts';

/**
 * No character that a Dapr address, a URL or another decoding would interpret: one resource has one
 * path.
 */
const plainId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,200}$/)
  .meta({ description: 'Letters, digits, - and _' });

/** The schema of a path parameter: the route's own, or that of a plain id. */
export const pathParameterSchema = (route: Route, name: string): z.ZodType<string> => route.params?.[name] ?? plainId;

/** A problem where a path parameter cannot name anything; undefined where all may. */
export function checkPathParameters(route: Route, params: Readonly<Record<string, string>>): Problem | undefined {
  const wrong = Object.entries(params).find(([name, value]) => !pathParameterSchema(route, name).safeParse(value).success);
  return wrong && problem(404, 'path-id-invalid', `The path parameter ${wrong[0]} is not an id of this kind, so nothing has it.`);
}
