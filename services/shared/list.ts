import { z } from 'zod';
import { instant } from './fields.ts';
import type { Instant } from './time.ts';

/**
 * Where a page of a list begins, how long it is, and which half-open range of creation it is
 * limited to.
 */
export type PageQuery = {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly createdFrom?: Instant | undefined;
  readonly createdTo?: Instant | undefined;
};

/**
 * Query of a list that is only paged: `limit` 1 to 200 and the opaque `cursor` of the page before.
 */
export const pagingQuery = <Filters extends z.ZodRawShape = Record<never, never>>(filters: Filters = {} as Filters) =>
  z.strictObject({
    limit: z.coerce.number().int().min(1).max(200).default(50).meta({ description: 'Rows in one page' }),
    cursor: z.string().max(500).optional().meta({ description: 'nextCursor of the page before, with the same filters' }),
    ...filters,
  });

/**
 * Query of a list of documents, newest first: paging, a half-open range of `createdAt`, and the
 * list's own filters.
 */
export const listQuery = <Filters extends z.ZodRawShape = Record<never, never>>(filters: Filters = {} as Filters) =>
  pagingQuery({
    createdFrom: instant.optional().meta({ description: 'Only what was created at this instant or later' }),
    createdTo: instant.optional().meta({ description: 'Only what was created before this instant' }),
    ...filters,
  });

/**
 * Separates the paging of a list query from the list's own filters; filters that were not given are
 * left out.
 */
export function splitListQuery<Query extends PageQuery>({ limit, cursor, createdFrom, createdTo, ...filters }: Query) {
  return { page: { limit, cursor, createdFrom, createdTo } satisfies PageQuery, filters: givenFilters(filters) };
}

/** Leaves out the filters that were not given. */
export const givenFilters = (filters: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined));

/** The response of a list, by the schema of its rows. */
export const pageSchema = <Row extends z.ZodType>(row: Row) =>
  z.object({
    data: z.array(row),
    nextCursor: z.string().nullable().meta({ description: 'Cursor of the next page; null on the last one' }),
  });
