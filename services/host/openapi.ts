import { z } from 'zod';
import type { Route } from '../shared/route.ts';
import type { Service } from '../shared/service.ts';

type Json = Record<string, unknown>;

const problemSchema: Json = {
  type: 'object',
  required: ['type', 'title', 'status', 'code', 'detail', 'traceId'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', description: 'Stable, kebab-case' },
    detail: { type: 'string' },
    errors: {
      type: 'array',
      items: { type: 'object', properties: { pointer: { type: 'string' }, code: { type: 'string' }, message: { type: 'string' } } },
    },
    traceId: { type: 'string' },
  },
};

/** The OpenAPI 3.1 document of these services, from the very schemas that validate. */
export function openApiDocument(services: readonly Pick<Service, 'name' | 'about' | 'routes'>[], version: string): Json {
  const paths: Record<string, Json> = {};
  for (const { name, routes } of services)
    for (const route of routes) {
      const path = route.path.replace(/:(\w+)/g, '{$1}');
      paths[path] = { ...paths[path], [route.method]: operation(name, route) };
    }
  return {
    openapi: '3.1.0',
    info: { title: 'Marquee', version, description: 'Subscription and billing for streaming platforms.' },
    tags: services.map(({ name, about }) => ({ name, description: about })),
    paths,
    components: {
      schemas: { Problem: problemSchema },
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
    },
  };
}

function operation(tag: string, route: Route): Json {
  return {
    tags: [tag],
    operationId: `${route.method} ${route.path}`,
    summary: route.summary,
    ...(route.scope !== 'public' && { security: [{ bearer: [route.scope] }] }),
    parameters: [...pathParameters(route), ...queryParameters(route), ...headerParameters(route)],
    ...(route.body && {
      requestBody: { content: { [mediaTypes[route.bodyFormat ?? 'json']]: { schema: jsonSchema(route.body, 'input') } } },
    }),
    responses: {
      '2XX': { description: 'Done', content: { 'application/json': { schema: route.answer ? jsonSchema(route.answer, 'output') : {} } } },
      default: {
        description: 'A problem with a stable code',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  };
}

const mediaTypes = {
  json: 'application/json',
  form: 'application/x-www-form-urlencoded',
  'form-or-json': 'application/json',
  raw: 'application/octet-stream',
};

const jsonSchema = (schema: z.ZodType, io: 'input' | 'output'): Json => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json;
  return rest;
};

const pathParameters = ({ path }: Route): Json[] =>
  [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));

function queryParameters({ query }: Route): Json[] {
  if (!query) return [];
  const { properties = {}, required = [] } = jsonSchema(query, 'input') as { properties?: Json; required?: string[] };
  return Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', required: required.includes(name), schema }));
}

const headerParameters = ({ method }: Route): Json[] =>
  method === 'post' ? [{ name: 'Idempotency-Key', in: 'header', required: false, schema: { type: 'string', maxLength: 200 } }] : [];
