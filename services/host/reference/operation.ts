import type { z } from 'zod';
import { type ProblemCode, problems } from '../../shared/problems/index.ts';
import type { ResponseBody, Route } from '../../shared/route.ts';
import { pathParameterSchema } from '../path-parameters.ts';
import { commonProblems } from './common-problems.ts';
import type { Json, SchemaComponents } from './schema-components.ts';

const mediaTypesOfBody = {
  json: ['application/json'],
  form: ['application/x-www-form-urlencoded'],
  'form-or-json': ['application/json', 'application/x-www-form-urlencoded'],
  raw: ['application/json'],
} as const;

/**
 * One operation of the OpenAPI document. `hasLocation`: its 201 names where the created resource is
 * read.
 */
export function operationOf(tag: string, route: Route, { schemaOf }: SchemaComponents, hasLocation: boolean): Json {
  return {
    tags: [tag],
    operationId: route.operationId,
    summary: route.summary,
    description: route.description,
    ...(route.scope !== 'public' && { security: [{ oauth2: [route.scope] }, { apiKey: [] }] }),
    ...(route.scope === 'public' && { security: [] }),
    ...(route.readsOnly && { 'x-marquee-safe': true }),
    parameters: [...pathParameters(route, schemaOf), ...queryParameters(route, schemaOf), ...headerParameters(route)],
    ...(route.body && { requestBody: requestBodyOf(route, schemaOf) }),
    responses: merged(successResponses(route, schemaOf, hasLocation), problemResponses(route)),
  };
}

type SchemaOf = SchemaComponents['schemaOf'];

type Responses = Record<string, { readonly content?: Json; readonly [key: string]: unknown }>;

/** A status that both a success and a problem carry (a probe's 503) has the contents of both. */
const merged = (successes: Responses, refusals: Responses): Responses => ({
  ...refusals,
  ...Object.fromEntries(
    Object.entries(successes).map(([status, response]) => {
      const other = refusals[status];
      return [status, other ? { ...other, ...response, content: { ...response.content, ...other.content } } : response];
    }),
  ),
});

function requestBodyOf({ body, bodyFormat = 'json' }: Route, schemaOf: SchemaOf): Json {
  const schema = bodyFormat === 'raw' ? { type: 'object' } : schemaOf(body as z.ZodType, 'input');
  const content = Object.fromEntries(mediaTypesOfBody[bodyFormat].map((mediaType) => [mediaType, { schema }]));
  return { required: bodyFormat === 'raw' || !(body as z.ZodType).safeParse(undefined).success, content };
}

const pathParameters = (route: Route, schemaOf: SchemaOf): Json[] =>
  [...route.path.matchAll(/:(\w+)/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: schemaOf(pathParameterSchema(route, name), 'input'),
  }));

function queryParameters({ query }: Route, schemaOf: SchemaOf): Json[] {
  if (!query) return [];
  const { properties = {}, required = [] } = schemaOf(query, 'input') as { properties?: Record<string, Json>; required?: string[] };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    ...(description !== undefined && { description }),
    schema,
  }));
}

function headerParameters({ method, responses, ifMatch, secretAnswer }: Route): Json[] {
  const key = {
    name: 'Idempotency-Key',
    in: 'header',
    required: false,
    description: 'A repeat with the same key and body receives the first response again.',
    schema: { type: 'string', pattern: '^[\\x21-\\x7e]{1,200}$' },
  };
  const match = {
    name: 'If-Match',
    in: 'header',
    required: false,
    description: 'The ETag that was read, or * for any version. Any other value is 412.',
    schema: { type: 'string' },
  };
  return [...(method === 'post' && responses !== undefined && !secretAnswer ? [key] : []), ...(ifMatch ? [match] : [])];
}

function successResponses(route: Route, schemaOf: SchemaOf, hasLocation: boolean): Responses {
  return Object.fromEntries(
    Object.entries(route.responses ?? {}).map(([status, body]) => [
      status,
      {
        description: descriptions[status] ?? 'Success',
        ...headersOf(route, status, hasLocation),
        ...contentOf(body, schemaOf),
      },
    ]),
  );
}

const descriptions: Readonly<Record<string, string>> = {
  200: 'Success',
  201: 'Created',
  202: 'Accepted; the work goes on',
  204: 'Success without a body',
  303: 'See the address in Location',
  503: 'Not ready',
};

function headersOf(route: Route, status: string, hasLocation: boolean): Json {
  const text = { schema: { type: 'string' } };
  const headers = {
    ...(route.method === 'post' && {
      'Idempotency-Replayed': { description: 'Present on a replayed response', schema: { enum: ['true'] } },
    }),
    ...(((status === '201' && hasLocation) || status === '303') && { Location: { description: 'Where the resource is read', ...text } }),
    ...(route.etag && { ETag: { description: 'Version of the resource, for If-Match', ...text } }),
  };
  return Object.keys(headers).length > 0 ? { headers } : {};
}

function contentOf(body: ResponseBody, schemaOf: SchemaOf): Json {
  if (body === 'empty') return {};
  const media = 'media' in body && typeof body.media === 'object' ? body.media : { 'application/json': body as z.ZodType };
  const schema = (part: z.ZodType | 'text' | 'binary'): Json => {
    if (part === 'text') return { type: 'string' };
    return part === 'binary' ? { type: 'string', format: 'binary' } : schemaOf(part, 'output');
  };
  return { content: Object.fromEntries(Object.entries(media).map(([type, part]) => [type, { schema: schema(part) }])) };
}

/** The problem responses by status, each with the codes that it can carry. */
function problemResponses(route: Route): Responses {
  const pageStatuses: readonly number[] = route.problemPages ? (route.problems ?? []).flatMap((code) => problems[code].statuses) : [];
  const codes = [...new Set<ProblemCode>([...commonProblems(route), ...(route.problems ?? [])])].sort();
  const byStatus = Map.groupBy(
    codes.flatMap((code) => problems[code].statuses.map((status) => ({ status, code }))),
    ({ status }) => status,
  );
  return Object.fromEntries(
    [...byStatus].map(([status, entries]) => [
      status,
      {
        description: entries.map(({ code }) => `\`${code}\`: ${problems[code].title}.`).join(' '),
        ...([429, 503].includes(status) && { headers: { 'Retry-After': { description: 'Seconds', schema: { type: 'string' } } } }),
        content: {
          'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
          ...(pageStatuses.includes(status) && { 'text/html': { schema: { type: 'string' } } }),
        },
      },
    ]),
  );
}
