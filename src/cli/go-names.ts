import { withTypeName } from '#template';

/** The object as Go's type of that name: its fields by Go's names, where those are not the names in JSON. */
export function withGoNames(
  typeName: string,
  object: object,
  names: Readonly<Record<string, string>> = {},
): Readonly<Record<string, unknown>> {
  const fields = Object.entries(object).map(([name, value]) => [names[name] ?? name, value as unknown]);
  return withTypeName(typeName, Object.fromEntries(fields) as Record<string, unknown>);
}
