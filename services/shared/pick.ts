/**
 * The named fields of an object, in the order of the names; a field that is absent stays absent.
 */
export const pick = <Value extends object, const Name extends keyof Value>(value: Value, names: readonly Name[]): Pick<Value, Name> =>
  Object.fromEntries(names.filter((name) => name in value).map((name) => [name, value[name]])) as Pick<Value, Name>;
