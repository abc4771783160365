import { z } from 'zod';
import { listQuery } from '../shared/list.ts';
import { notFound, problem } from '../shared/problem.ts';
import { ok, type Route, route } from '../shared/route.ts';
import type { Instant } from '../shared/time.ts';
import type { CrmStore } from './store.ts';
import { advance, readCursor, writeCursor } from './sync-cursor.ts';

const contactQuery = listQuery();
const syncBody = z.strictObject({ limit: z.number().int().min(1).max(200).default(100), cursor: z.string().nullish() }).prefault({});

export const routes = (store: CrmStore, now: () => Instant): readonly Route[] => [
  route({
    method: 'get',
    path: '/v1/crm/contacts/:customerId',
    scope: 'crm:read',
    summary: 'A customer as a CRM wants it: who, at which stage, with which subscriptions, worth how much a month.',
    handle: async ({ params: { customerId = '' } }) => {
      const contact = await store.contact(customerId);
      return contact ? ok(contact) : notFound('contact', customerId);
    },
  }),
  route<undefined, z.infer<typeof contactQuery>>({
    method: 'get',
    path: '/v1/crm/contacts',
    scope: 'crm:read',
    summary: 'Contacts, newest first.',
    query: contactQuery,
    handle: async ({ query }) => ok(await store.list(query)),
  }),
  route<z.infer<typeof syncBody>>({
    method: 'post',
    path: '/v1/crm/sync',
    scope: 'crm:read',
    summary: 'Contacts changed since a cursor, oldest change first. Keep `nextCursor` for the next sync; a recent change may come twice.',
    body: syncBody,
    handle: async ({ body: { limit, cursor: text } }) => {
      const cursor = text == null ? undefined : readCursor(text);
      if (text != null && !cursor)
        return problem(422, 'invalid-field', 'The cursor is none of ours.', [
          { pointer: '/cursor', code: 'custom', message: 'unreadable' },
        ]);
      const data = await store.changedSince(cursor, limit);
      const last = data.at(-1);
      const { next, more } = advance(cursor, last && { changedAt: last.changedAt, id: last.customerId }, data.length === limit, now());
      return ok({ data, nextCursor: writeCursor(next), more });
    },
  }),
];
