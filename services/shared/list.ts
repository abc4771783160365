import { z } from 'zod';

/** Query of a list: `limit` 1..200 and `cursor`, beside the list's own filters. */
export const listQuery = <Filters extends z.ZodRawShape = Record<never, never>>(filters: Filters = {} as Filters) =>
  z.strictObject({
    limit: z.coerce.number().int().min(1).max(200).default(50),
    cursor: z.string().max(500).optional(),
    ...filters,
  });

/** Leaves out the filters that were not given. */
export const given = (filters: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined));
