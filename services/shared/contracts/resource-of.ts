import type { z } from 'zod';

/**
 * The type of a resource or payload by its schema: immutable to the deepest field, and a field that
 * may be absent is never `undefined`, as nothing is in JSON.
 */
export type ResourceOf<Schema extends z.ZodType> = Immutable<z.infer<Schema>>;

export type Immutable<Value> = unknown extends Value
  ? Value
  : Value extends string | number | boolean | null | undefined
    ? Value
    : { readonly [Name in keyof Value]: Immutable<Exclude<Value[Name], undefined>> };
