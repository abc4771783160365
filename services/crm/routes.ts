import { z } from 'zod';
import { listQuery, pageSchema } from '../shared/list.ts';
import { notFound, problem } from '../shared/problem.ts';
import { ok, type Route, route } from '../shared/route.ts';
import type { Instant } from '../shared/time.ts';
import { contactSchema } from './contact-resource.ts';
import type { CrmStore } from './store.ts';
import { advance, readCursor, writeCursor } from './sync-cursor.ts';

const syncRequest = z
  .strictObject({
    limit: z.number().int().min(1).max(200).default(100).meta({ description: 'Contacts in one response' }),
    cursor: z.string().nullish().meta({ description: 'nextCursor of the previous sync; absent for the first one' }),
  })
  .prefault({})
  .meta({ id: 'ContactSyncRequest' });

const syncResponse = z
  .object({
    data: z.array(contactSchema),
    nextCursor: z.string().meta({ description: 'Cursor of the next sync' }),
    more: z.boolean().meta({ description: 'True when another sync may return more contacts immediately' }),
  })
  .meta({ id: 'ContactSyncResponse' });

export const crmRoutes = (store: CrmStore, now: () => Instant): readonly Route[] => [
  route({
    method: 'get',
    path: '/v1/crm/contacts/:customerId',
    scope: 'crm:read',
    operationId: 'retrieveContact',
    summary: 'Retrieve a contact',
    description: 'Returns a customer with the lifecycle stage, the subscriptions, the monthly recurring revenue and the disputes.',
    responses: { 200: contactSchema },
    problems: ['contact-not-found'],
    handle: async ({ params: { customerId = '' } }) => {
      const contact = await store.contact(customerId);
      return contact ? ok(contact) : notFound('contact', customerId);
    },
  }),
  route({
    method: 'get',
    path: '/v1/crm/contacts',
    scope: 'crm:read',
    operationId: 'listContacts',
    summary: 'List contacts',
    description: 'Lists the contacts of all customers, newest first.',
    query: listQuery(),
    responses: { 200: pageSchema(contactSchema) },
    handle: async ({ query }) => ok(await store.list(query)),
  }),
  route({
    method: 'post',
    path: '/v1/crm/sync',
    scope: 'crm:read',
    operationId: 'syncContacts',
    summary: 'List contacts changed since a cursor',
    description:
      'Lists contacts that changed since the cursor, oldest change first. Store nextCursor for the next sync. ' +
      'No change is missed, and a change of the last five seconds may be returned twice.',
    body: syncRequest,
    responses: { 200: syncResponse },
    readsOnly: true,
    handle: async ({ body: { limit, cursor: text } }) => {
      const cursor = text == null ? undefined : readCursor(text);
      if (text != null && !cursor) return cursorInvalid;
      const data = await store.changedSince(cursor, limit);
      const last = data.at(-1);
      const { next, more } = advance(cursor, last && { changedAt: last.changedAt, id: last.customerId }, data.length === limit, now());
      return ok({ data, nextCursor: writeCursor(next), more });
    },
  }),
];

const cursorInvalid = problem(422, 'invalid-field', 'The cursor is invalid.', [
  { pointer: '/cursor', code: 'custom', message: 'Must be the nextCursor of an earlier sync.' },
]);
