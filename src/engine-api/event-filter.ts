import type { EngineEvent } from '#engine';
import type { Filters } from '#wire';

/** Kinds of actors, each also a filter of its own: by id or name, or by the beginning of either. */
const actors = ['container', 'network', 'volume', 'daemon', 'plugin', 'builder'] as const;

/** Actions that carry more behind a colon, and are found without it (moby daemon/events/filter.go). */
const prefixedActions = ['exec_create', 'exec_start', 'health_status'];

/** Whether an event passes `filters`: each key must hold, of its values one; of labels all. */
export function eventFilter(filters: Filters): (event: EngineEvent) => boolean {
  const isOne = (key: string, ...values: readonly (string | undefined)[]): boolean => {
    const wanted = filters.get(key) ?? [];
    return wanted.length === 0 || values.some((value) => value !== undefined && wanted.includes(value));
  };
  const beginsOne = (key: string, ...values: readonly (string | undefined)[]): boolean => {
    const wanted = filters.get(key) ?? [];
    return (
      wanted.length === 0 || wanted.some((begin) => values.some((value) => value?.startsWith(begin) === true))
    );
  };
  return (event) => {
    const { type, action, id, attributes } = event;
    const [verb = ''] = action.split(':', 1);
    const image = attributes[type === 'image' ? 'name' : 'image'];
    return (
      isOne('event', action, prefixedActions.includes(verb) ? verb : undefined) &&
      isOne('type', type) &&
      isOne('scope', 'local') &&
      isOne('image', id, image, withoutTag(id), withoutTag(image)) &&
      actors.every((actor) => beginsOne(actor, ...(type === actor ? [id, attributes['name']] : []))) &&
      (filters.get('label') ?? []).every((label) => hasLabel(attributes, label))
    );
  };
}

function hasLabel(attributes: Readonly<Record<string, string>>, label: string): boolean {
  const [, key = '', value] = /^([^=]*)(?:=(.*))?$/s.exec(label) ?? [];
  return Object.hasOwn(attributes, key) && (value === undefined || attributes[key] === value);
}

/** `a/b` of `a/b:1`; the colon of a port is not a tag's. */
function withoutTag(name: string | undefined): string | undefined {
  return name?.replace(/:[^:/]+$/, '');
}
