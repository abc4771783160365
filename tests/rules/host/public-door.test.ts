import test, { type ExecutionContext } from 'ava';
import { z } from 'zod';
import { InvokeError } from '../../../services/shared/invoke-error.ts';
import { listQuery } from '../../../services/shared/list.ts';
import { created, ok, type Route, route } from '../../../services/shared/route.ts';
import { openPublicDoor } from '../../support/public-door.ts';

const publicUrl = 'https://billing.example';

const rows = ['a', 'b', 'c'];

const routes: readonly Route[] = [
  route({
    method: 'get',
    path: '/things',
    scope: 'public',
    summary: 'List things',
    query: listQuery({ colour: z.enum(['red', 'blue']).optional() }),
    handle: async ({ query: { cursor } }) => {
      const start = cursor === undefined ? 0 : Number(cursor);
      return ok({ data: rows.slice(start, start + 1), nextCursor: start + 1 < rows.length ? String(start + 1) : null });
    },
  }),
  route({
    method: 'post',
    path: '/things',
    scope: 'public',
    summary: 'Create a thing',
    body: z.strictObject({ id: z.string() }),
    handle: async ({ body }) => created(body),
  }),
  route({
    method: 'get',
    path: '/things/:id',
    scope: 'public',
    summary: 'Retrieve a thing',
    etag: true,
    handle: async ({ params: { id = '' } }) => {
      if (id === 'gone') throw new InvokeError('things', 503, 'connection refused');
      if (id === 'bug') throw new TypeError('x is not a function');
      return ok({ id });
    },
  }),
];

async function door(t: ExecutionContext): Promise<(path: string, init?: RequestInit) => Promise<Response>> {
  const { url, close } = await openPublicDoor({ routes }, undefined, publicUrl);
  t.teardown(close);
  return (path, init) => fetch(`${url}${path}`, init);
}

const problemOf = async (response: Response) => (await response.json()) as { status: number; code: string; type: string; title: string };

test('a method that a path does not offer is refused with the methods that the path offers', async (t) => {
  const response = await (await door(t))('/things', { method: 'DELETE' });
  t.is(response.status, 405);
  t.is(response.headers.get('allow'), 'GET, HEAD, POST');
});

test('the type of a problem is the address of the page about its code', async (t) => {
  const { code, type, title } = await problemOf(await (await door(t))('/nowhere'));
  t.is(type, `${publicUrl}/docs/problems/${code}`);
  t.is(code, 'path-not-found');
  t.not(title, '');
});

test('one resource has one path: an id that another decoding would change is refused before any call', async (t) => {
  const fetchFrom = await door(t);
  for (const id of ['%2573ub_1', '%25', '%2F', '%00', 'a%20b', '%3F', '%23', '%7C', '..%2Fa', '%E0%A4%A', '%']) {
    const response = await fetchFrom(`/things/${id}`);
    t.is(response.status, 404, id);
    t.is((await problemOf(response)).code, 'path-id-invalid', id);
  }
});

test('a cursor leads to the next page of its own list, and is refused by any other', async (t) => {
  const fetchFrom = await door(t);
  const first = (await (await fetchFrom('/things?colour=red')).json()) as { data: string[]; nextCursor: string };
  t.deepEqual(first.data, ['a']);
  const second = (await (await fetchFrom(`/things?colour=red&cursor=${first.nextCursor}`)).json()) as { data: string[] };
  t.deepEqual(second.data, ['b']);
  for (const wrong of [`colour=blue&cursor=${first.nextCursor}`, `colour=red&cursor=${first.nextCursor}0`, 'cursor=2']) {
    const response = await fetchFrom(`/things?${wrong}`);
    t.is(response.status, 422, wrong);
    t.is((await problemOf(response)).code, 'cursor-invalid', wrong);
  }
});

test('a filter that the list does not know, or a value outside its enumeration, is refused', async (t) => {
  const fetchFrom = await door(t);
  for (const query of ['colour=green', 'size=3', 'createdFrom=yesterday']) t.is((await fetchFrom(`/things?${query}`)).status, 422, query);
});

test('a created resource names its address', async (t) => {
  const headers = { 'content-type': 'application/json' };
  const response = await (await door(t))('/things', { method: 'POST', headers, body: '{"id":"a"}' });
  t.is(response.status, 201);
  t.is(response.headers.get('location'), '/things/a');
});

test('an editable resource carries an ETag that changes with its content', async (t) => {
  const fetchFrom = await door(t);
  const tag = async (id: string) => (await fetchFrom(`/things/${id}`)).headers.get('etag');
  t.regex((await tag('a')) ?? '', /^"[\w-]{22}"$/);
  t.is(await tag('a'), await tag('a'));
  t.not(await tag('a'), await tag('b'));
});

test('an outage is 503 with Retry-After, and a bug is 500 without internals', async (t) => {
  const fetchFrom = await door(t);
  const outage = await fetchFrom('/things/gone');
  t.is(outage.status, 503);
  t.is(outage.headers.get('retry-after'), '2');
  const bug = await fetchFrom('/things/bug');
  t.is(bug.status, 500);
  t.notRegex(await bug.text(), /not a function/);
});
