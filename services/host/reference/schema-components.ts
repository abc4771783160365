import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';

export type Json = Record<string, unknown>;

/**
 * Whether a schema describes what clients send or what they receive; defaults and transforms
 * differ.
 */
export type Direction = 'input' | 'output';

export type SchemaComponents = {
  /**
   * The JSON schema of a zod schema; parts with a name (`.meta({ id })`) become `$ref`s to
   * components.
   */
  readonly schemaOf: (schema: z.ZodType, direction: Direction) => Json;
  /** The named parts that were met so far, by name. */
  readonly schemas: Readonly<Record<string, Json>>;
};

/**
 * Collects the named schemas of an OpenAPI document. A name that means one thing in requests and
 * another in responses becomes two components, the second with the suffix `Input` or `Output`.
 * Responses are open: a client has to accept fields that it does not know.
 */
export function createSchemaComponents(refPrefix = '#/components/schemas/'): SchemaComponents {
  const schemas: Record<string, Json> = {};
  const met = new Map<string, Json>();

  /** Throws where a name means two things in one direction, which would mix them silently. */
  const checkName = (id: string, part: Json, direction: Direction): void => {
    const known = met.get(`${direction} ${id}`) ?? part;
    if (!isDeepStrictEqual(known, part)) throw new Error(`Two different schemas of one direction (${direction}) are named ${id}.`);
    met.set(`${direction} ${id}`, part);
  };

  const isOther = (id: string, content: Json): boolean => schemas[id] !== undefined && !isDeepStrictEqual(schemas[id], content);

  const schemaOf = (schema: z.ZodType, direction: Direction): Json => {
    const {
      $schema: _,
      $defs = {},
      ...root
    } = withoutObjectDefaults(z.toJSONSchema(schema, { io: direction, unrepresentable: 'any' }) as Json);
    const open = (part: Json): Json => (direction === 'output' ? (withoutClosedObjects(part) as Json) : part);
    const names = new Map<string, string>();
    const renamed = (part: Json): Json => replaceRefs(part, (id) => `${refPrefix}${names.get(id) ?? id}`) as Json;
    const parts = Object.entries($defs as Record<string, Json>).map(([id, { id: __, ...part }]) => [id, open(part)] as const);
    for (const [id, part] of parts) checkName(id, part, direction);
    // A new name changes the parts that refer to it, which may then need a new name themselves.
    for (let isSettled = false; !isSettled; ) {
      const other = parts.filter(([id, part]) => !names.has(id) && isOther(id, renamed(part)));
      for (const [id] of other) names.set(id, `${id}${direction === 'input' ? 'Input' : 'Output'}`);
      isSettled = other.length === 0;
    }
    for (const [id, part] of parts) schemas[names.get(id) ?? id] = renamed(part);
    return renamed(open(root));
  };

  return { schemaOf, schemas };
}

const mapJson = (value: unknown, change: (object: Json) => Json): unknown => {
  if (Array.isArray(value)) return value.map((item) => mapJson(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(change(value as Json)).map(([key, item]) => [key, mapJson(item, change)]));
};

/**
 * Generators of Python clients refuse defaults that are objects, so these are left out. A property
 * that is itself named `default` holds a schema and stays.
 */
const withoutObjectDefaults = (schema: Json): Json =>
  mapJson(schema, ({ default: fallback, ...rest }) => {
    const isObject = typeof fallback === 'object' && fallback !== null && !Array.isArray(fallback);
    const isSchema = isObject && ['type', 'anyOf', 'enum', 'const', '$ref'].some((keyword) => keyword in fallback);
    return fallback === undefined || (isObject && !isSchema) ? rest : { ...rest, default: fallback };
  }) as Json;

const withoutClosedObjects = (schema: Json): unknown =>
  mapJson(schema, ({ additionalProperties, ...rest }) =>
    additionalProperties === false || additionalProperties === undefined ? rest : { ...rest, additionalProperties },
  );

const replaceRefs = (schema: Json, refOf: (id: string) => string): unknown =>
  mapJson(schema, (object) =>
    typeof object.$ref === 'string' && object.$ref.startsWith('#/$defs/')
      ? { ...object, $ref: refOf(object.$ref.slice('#/$defs/'.length)) }
      : object,
  );
