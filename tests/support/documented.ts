import assert from 'node:assert/strict';
import { commonProblems } from '../../services/host/reference/common-problems.ts';
import { isProblem, type Problem } from '../../services/shared/problem.ts';
import { problems } from '../../services/shared/problems/index.ts';
import type { Route, RouteResponse } from '../../services/shared/route.ts';

/**
 * The response itself, when the route documents it. Throws for another status, a missing or an
 * additional field, or a problem code that the route does not list. Internal routes are not
 * checked.
 */
export function asDocumented(route: Route, response: RouteResponse | Problem): RouteResponse | Problem {
  if (route.responses === undefined) return response;
  if (isProblem(response)) checkProblem(route, response);
  else checkResponse(route, response);
  return response;
}

function checkProblem(route: Route, { status, code }: Problem): void {
  const listed = [...commonProblems(route), ...(route.problems ?? [])];
  assert.ok(listed.includes(code), `${route.method} ${route.path} does not list the problem ${code}`);
  assert.ok((problems[code].statuses as readonly number[]).includes(status), `${code} does not list the status ${status}`);
}

function checkResponse({ method, path, responses = {}, problemPages }: Route, { status, body, headers = {} }: RouteResponse): void {
  if (headers['content-type'] === 'application/problem+json') return;
  if (problemPages && status >= 400 && headers['content-type']?.startsWith('text/html')) return;
  const documentedBody = responses[status];
  assert.ok(documentedBody !== undefined, `${method} ${path} does not document the status ${status}`);
  if (documentedBody === 'empty') assert.equal(body, undefined);
  else if ('media' in documentedBody) checkMediaType(documentedBody.media, headers['content-type'] ?? 'application/json', body);
  else checkJson(documentedBody, body);
}

function checkMediaType(media: Readonly<Record<string, unknown>>, contentType: string, body: unknown): void {
  const schema = media[contentType.split(';')[0] as string];
  assert.ok(schema !== undefined, `the media type ${contentType} is not documented`);
  if (typeof schema === 'object') checkJson(schema as JsonSchema, body);
}

type JsonSchema = { readonly parse: (value: unknown) => unknown };

/** A schema drops fields that it does not name, so the parsed body equals the sent one. */
function checkJson(schema: JsonSchema, body: unknown): void {
  const sent = JSON.parse(JSON.stringify(body));
  assert.deepEqual(schema.parse(sent), sent);
}
