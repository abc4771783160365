import { z } from 'zod';
import type { Route } from '../../shared/route.ts';
import type { Service } from '../../shared/service.ts';
import { operationOf } from './operation.ts';
import { createSchemaComponents, type Json } from './schema-components.ts';

export type DescribedService = Pick<Service, 'about' | 'routes'> & { readonly name: string };

/** RFC 9457 problem details, with the fields at fault. */
const problemSchema = z
  .object({
    type: z.string().meta({ format: 'uri-reference', description: 'The page about the code' }),
    title: z.string(),
    status: z.int(),
    code: z.string().meta({ description: 'Stable, kebab-case' }),
    detail: z.string().meta({ description: 'A complete sentence for people' }),
    errors: z
      .array(
        z.object({
          pointer: z.string().meta({ description: 'JSON pointer into the body, or ?name for a query parameter' }),
          code: z.string(),
          message: z.string(),
        }),
      )
      .optional(),
    traceId: z.string().meta({ description: 'Finds the request in the logs' }),
  })
  .meta({ id: 'Problem', description: 'Problem details (RFC 9457)' });

/** The GET paths below collections, by which a created resource can be read. */
export const readablePaths = (routes: readonly Route[]): ReadonlySet<string> =>
  new Set(routes.filter(({ method }) => method === 'get').map(({ path }) => path));

/** True where the resource that this route creates is read at its path and the id. */
export const hasLocation = (route: Route, readable: ReadonlySet<string>): boolean =>
  route.method === 'post' && readable.has(`${route.path}/:id`);

/**
 * The OpenAPI 3.1 document of these services, made from the same schemas that validate. `publicUrl`
 * is the server.
 */
export function openApiDocument(services: readonly DescribedService[], version: string, publicUrl: string): Json {
  const components = createSchemaComponents();
  components.schemaOf(problemSchema, 'output');
  const routes = services.flatMap((service) => service.routes);
  const readable = readablePaths(routes);
  const paths: Record<string, Json> = {};
  for (const { name, routes } of services)
    for (const route of routes) {
      const path = route.path.replace(/:(\w+)/g, '{$1}');
      paths[path] = { ...paths[path], [route.method]: operationOf(name, route, components, hasLocation(route, readable)) };
    }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Marquee',
      version,
      description:
        'Subscription and billing for streaming platforms. Amounts are integers in the minor unit of their currency; instants are ISO 8601 in UTC; periods are half-open.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: publicUrl }],
    tags: services.map(({ name, about }) => ({ name, description: about })),
    paths,
    components: { schemas: components.schemas, securitySchemes: securitySchemes(routes) },
  };
}

function securitySchemes(routes: readonly Route[]): Json {
  const scopes = [...new Set(routes.map(({ scope }) => scope))].filter((scope) => scope !== 'public').sort();
  const described = Object.fromEntries([...scopes.map((scope) => [scope, describe(scope)]), ['admin', 'Holds every scope']]);
  const flow = { tokenUrl: '/v1/auth/token', refreshUrl: '/v1/auth/token', scopes: described };
  return {
    oauth2: { type: 'oauth2', flows: { password: flow, clientCredentials: flow } },
    apiKey: { type: 'http', scheme: 'bearer', description: 'An API key (mk_...) or an access token' },
  };
}

const describe = (scope: string): string => {
  const [noun = '', access] = scope.split(':');
  return access === 'read' ? `Read ${noun.replaceAll('-', ' ')}` : `Read and change ${noun.replaceAll('-', ' ')}`;
};
