import type { Json } from './schema-components.ts';

/**
 * An example that fits a JSON schema: its own example where it has one, else the simplest value.
 * References are to `schemas`.
 */
export function exampleOf(schema: Json, schemas: Readonly<Record<string, Json>>): unknown {
  const { examples, enum: values, anyOf, oneOf, allOf, $ref } = schema;
  if (Array.isArray(examples) && examples.length > 0) return examples[0];
  if ('const' in schema) return schema.const;
  if (Array.isArray(values)) return values[0];
  if (typeof $ref === 'string') return exampleOf(schemas[$ref.slice($ref.lastIndexOf('/') + 1)] ?? {}, schemas);
  const [choice] = (anyOf ?? oneOf ?? []) as Json[];
  if (choice !== undefined) return exampleOf(choice, schemas);
  if (Array.isArray(allOf)) return (allOf as Json[]).map((part) => exampleOf(part, schemas)).reduce(merged, {});
  return simplest(schema, schemas);
}

function simplest(schema: Json, schemas: Readonly<Record<string, Json>>): unknown {
  const { type, required = [], properties = {}, items, format, minimum } = schema;
  if (type === 'object') {
    const fields = properties as Record<string, Json>;
    return Object.fromEntries((required as string[]).map((name) => [name, exampleOf(fields[name] ?? {}, schemas)]));
  }
  if (type === 'array') return items === undefined ? [] : [exampleOf(items as Json, schemas)];
  if (type === 'string') return format === 'date-time' ? '2026-01-31T10:00:00.000Z' : 'text';
  if (type === 'integer' || type === 'number') return Math.max(1, typeof minimum === 'number' ? minimum : 1);
  return type === 'boolean' ? true : null;
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The first value with the fields of the second in place of its own, to any depth. */
export function merged(base: unknown, change: unknown): unknown {
  if (!isObject(base) || !isObject(change)) return change;
  return { ...base, ...Object.fromEntries(Object.entries(change).map(([name, value]) => [name, merged(base[name], value)])) };
}
