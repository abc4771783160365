import { z } from 'zod';
import { identity, instant, utcInstant } from '../shared/fields.ts';
import { listQuery, pageSchema, splitListQuery } from '../shared/list.ts';
import { newId } from '../shared/new-id.ts';
import { created, ok, type Route, route } from '../shared/route.ts';
import type { Platform } from '../shared/service.ts';
import { type AuditEntry, entryOfAction } from './entry.ts';
import type { AuditStore } from './store.ts';
import { verify } from './verification.ts';

const range = { from: instant.optional(), to: instant.optional() };
const detail = z.union([z.string().max(200), z.number(), z.boolean(), z.null()]);

const entrySchema = z
  .object({
    id: z.string(),
    at: utcInstant.meta({ description: 'When it happened, in domain time' }),
    recordedAt: utcInstant,
    type: z.string(),
    subject: z.string(),
    sequence: z.number().nullable(),
    customerId: z.string(),
    who: z.string().nullable().meta({ description: 'The operator, or null for the platform' }),
    digest: z.record(z.string(), z.unknown()),
    hash: z.string().meta({ description: 'SHA-256 over the entry' }),
  })
  .meta({ id: 'AuditEntry' });

const verificationSchema = z
  .object({
    checked: z.int(),
    alteredCount: z.int(),
    altered: z.array(z.string()).meta({ description: 'Ids of the first altered entries' }),
    missing: z.array(z.string()).meta({ description: 'Ids that are missing from the sequence of the subject' }),
  })
  .meta({ id: 'AuditVerification' });

const entryResource = ({ _id, createdAt, ...rest }: AuditEntry): z.infer<typeof entrySchema> => ({
  id: _id,
  recordedAt: createdAt,
  ...rest,
});

export const auditRoutes = (store: AuditStore): readonly Route[] => [
  route({
    method: 'get',
    path: '/v1/audit',
    scope: 'audit:read',
    operationId: 'listAuditEntries',
    summary: 'List audit entries',
    description: 'Every published event and every action of an operator, newest first. Entries hold no personal data.',
    query: listQuery({
      subject: z.string().max(200).optional(),
      customerId: identity('cus').optional(),
      type: z.string().max(100).optional(),
    }),
    responses: { 200: pageSchema(entrySchema) },
    handle: async ({ query }) => {
      const { page, filters } = splitListQuery(query);
      const { data, nextCursor } = await store.page(filters, page);
      return ok({ data: data.map(entryResource), nextCursor });
    },
  }),
  route({
    method: 'get',
    path: '/v1/audit/verify',
    scope: 'admin:read',
    operationId: 'verifyAuditTrail',
    summary: 'Verify the audit trail',
    description:
      'Recomputes the hash of each entry of a range or of a subject, and names altered entries. For a whole subject it also names gaps in the sequence.',
    query: z.strictObject({ subject: z.string().max(200).optional(), ...range }),
    responses: { 200: verificationSchema },
    handle: async ({ query }) => {
      const complete = query.subject !== undefined && query.from === undefined && query.to === undefined;
      return ok(await verify(store.each(query), complete));
    },
  }),
];

/**
 * For the other services: records the action of an operator. A repeat of the same id changes
 * nothing. `detail` must hold no personal data.
 */
export const operatorActionRoute = (store: AuditStore, { now }: Pick<Platform, 'now'>): Route =>
  route({
    method: 'post',
    path: '/entries',
    scope: 'public',
    summary: 'Record the action of an operator',
    body: z.strictObject({
      id: z.string().min(1).max(200).optional(),
      who: z.string().min(1).max(200),
      action: z.string().regex(/^[a-z][a-z-]*\.[a-z][a-z-]*$/, 'Must be a noun and a verb in the past, for example customer.erased.'),
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
