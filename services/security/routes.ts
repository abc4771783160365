import { z } from 'zod';
import { listQuery, splitListQuery } from '../shared/list.ts';
import { newId } from '../shared/new-id.ts';
import { created, ok, type Route, route } from '../shared/route.ts';
import type { Platform } from '../shared/service.ts';
import { instantOf } from '../shared/time.ts';
import { type AuditEntry, entryOfAction } from './entry.ts';
import type { AuditStore } from './store.ts';
import { verify } from './verification.ts';

const instant = z.string().transform((text, check) => {
  const read = instantOf(text);
  if (read === undefined)
    check.addIssue({ code: 'custom', message: 'an ISO 8601 instant with an offset, for example 2026-01-31T10:00:00Z' });
  return read ?? z.NEVER;
});
const range = { from: instant.optional(), to: instant.optional() };
const detail = z.union([z.string().max(200), z.number(), z.boolean(), z.null()]);

const entry = z.object({
  id: z.string(),
  at: z.string(),
  recordedAt: z.string(),
  type: z.string(),
  subject: z.string(),
  sequence: z.number().nullable(),
  customerId: z.string(),
  who: z.string().nullable(),
  digest: z.record(z.string(), z.unknown()),
  hash: z.string(),
});

const shown = ({ _id, createdAt, ...rest }: AuditEntry): z.infer<typeof entry> => ({ id: _id, recordedAt: createdAt, ...rest });

export const auditRoutes = (store: AuditStore): readonly Route[] => [
  route({
    method: 'get',
    path: '/v1/audit',
    scope: 'audit:read',
    summary: 'The audit trail, newest first',
    query: listQuery({ subject: z.string().optional(), customerId: z.string().optional(), type: z.string().optional() }),
    answer: z.object({ data: z.array(entry), nextCursor: z.string().nullable() }),
    handle: async ({ query }) => {
      const { page, filters } = splitListQuery(query);
      const { data, nextCursor } = await store.page(filters, page);
      return ok({ data: data.map(shown), nextCursor });
    },
  }),
  route({
    method: 'get',
    path: '/v1/audit/verify',
    scope: 'admin:read',
    summary: 'Check that the rows of a range, or of a subject, are as they were written',
    query: z.strictObject({ subject: z.string().optional(), ...range }),
    answer: z.object({ checked: z.number(), alteredCount: z.number(), altered: z.array(z.string()), missing: z.array(z.string()) }),
    handle: async ({ query }) => {
      const complete = query.subject !== undefined && query.from === undefined && query.to === undefined;
      return ok(await verify(store.each(query), complete));
    },
  }),
];

/** For the other services: what an operator did. The same id again changes nothing. `detail` must hold no personal data. */
export const operatorActionRoute = (store: AuditStore, { now }: Pick<Platform, 'now'>): Route =>
  route({
    method: 'post',
    path: '/entries',
    scope: 'public',
    summary: 'Put what an operator did into the audit trail',
    body: z.strictObject({
      id: z.string().min(1).max(200).optional(),
      who: z.string().min(1).max(200),
      action: z.string().regex(/^[a-z][a-z-]*\.[a-z][a-z-]*$/, 'noun.past-verb'),
      subject: z.string().min(1).max(200),
      customerId: z.string().max(200).default(''),
      detail: z.record(z.string().regex(/^[A-Za-z][A-Za-z0-9]{0,39}$/), detail).default({}),
    }),
    handle: async ({ body }) => {
      const id = body.id ?? newId('evt');
      await store.append([entryOfAction({ ...body, id }, now())]);
      return created({ id });
    },
  });
