import { z } from 'zod';
import { notFound } from '../../shared/problem.ts';
import { isProblemCode } from '../../shared/problems/index.ts';
import { ok, type Route, route } from '../../shared/route.ts';
import { asyncApiDocument } from './asyncapi.ts';
import { eventsPage } from './events-page.ts';
import { type DescribedService, openApiDocument } from './openapi.ts';
import { assets, operationsPage } from './operations-page.ts';
import { pageHeaders } from './page.ts';
import { problemPage, problemsPage } from './problem-pages.ts';

const oneDay = 'public, max-age=86400';

/**
 * The API reference: documents for machines and pages for people, made from the routes and the
 * table of problems. `describe` is called by the first request of the OpenAPI document.
 */
export function referenceRoutes(
  describe: () => Promise<readonly DescribedService[]>,
  version: string,
  publicUrl: string,
): readonly Route[] {
  let document: ReturnType<typeof openApiDocument> | undefined;
  const readDocument = async () => {
    document ??= openApiDocument(await describe(), version, publicUrl);
    return document;
  };
  const events = asyncApiDocument(version);
  const open = (path: string, summary: string, handle: Route['handle'], params?: Route['params']): Route =>
    route({ method: 'get', path, scope: 'public', summary, handle, ...(params && { params }) });
  const shown = (path: string, summary: string, body: string): Route =>
    open(path, summary, async () => ({ status: 200, body, headers: pageHeaders }));
  return [
    open('/', 'Lead a browser to the reference', async () => ({ status: 303, headers: { location: '/docs' } })),
    open('/openapi.json', 'Retrieve the OpenAPI document', async () => ok(await readDocument())),
    open('/asyncapi.json', 'Retrieve the AsyncAPI document', async () => ok(events)),
    shown('/docs', 'Read about the operations', operationsPage(version)),
    open(
      '/docs/assets/:file',
      'Retrieve a file of the reference',
      async ({ params: { file = '' } }) => {
        const asset = assets[file];
        if (asset === undefined) return notFound('page', file);
        return { status: 200, body: asset.read(), headers: { ...pageHeaders, 'content-type': asset.type, 'cache-control': oneDay } };
      },
      { file: z.string().regex(/^[a-z-]+\.(js|css)$/) },
    ),
    shown('/docs/events', 'Read about the events', eventsPage(Object.values(events.components.messages))),
    shown('/docs/problems', 'Read about the problem codes', problemsPage()),
    open('/docs/problems/:code', 'Read about a problem code', async ({ params: { code = '' } }) =>
      isProblemCode(code) ? { status: 200, body: problemPage(code), headers: pageHeaders } : notFound('page', code),
    ),
  ];
}
