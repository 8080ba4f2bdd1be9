import { findError, GantryError } from '#errors';
import { defineCommand } from '../command.ts';
import { objectFormatUsage } from '../format-usage.ts';
import { inspectObjects } from '../inspect-objects.ts';

/** Where objects of each type are found, in the order in which docker looks. */
const places = {
  container: (name: string) => `/containers/${name}/json`,
  image: (name: string) => `/images/${name}/json`,
  network: (name: string) => `/networks/${name}`,
  volume: (name: string) => `/volumes/${name}`,
  plugin: (name: string) => `/plugins/${name}/json`,
} as const;

export const inspect = defineCommand({
  name: 'inspect',
  usage: '[OPTIONS] NAME|ID [NAME|ID...]',
  short: 'Return low-level information on Docker objects',
  examples: ['inspect nginx', "inspect --type image --format '{{.Id}}' nginx"],
  words: 'images',
  flags: {
    format: { type: 'string', short: 'f', usage: objectFormatUsage },
    size: { type: 'boolean', short: 's', usage: 'Display total file sizes if the type is container' },
    type: { type: 'string', usage: 'Only inspect objects of the given type' },
  },
  arity: { min: 1, max: Infinity },
  async run({ io, args, flags, engine, given, signal }) {
    const types = typesToTry(flags.type, given.has('type'));
    const client = await engine();
    return inspectObjects(io, args, {
      format: flags.format,
      find: async (name) => {
        for (const type of types) {
          try {
            const query = type === 'container' && flags.size ? { size: 1 } : {};
            const answer = await client.request({ method: 'GET', path: places[type](name), query, signal });
            return await answer.json();
          } catch (error) {
            const goOn = types.length > 1 && findError(error, { kind: 'not-found' }) !== undefined;
            if (!goOn) throw error;
          }
        }
        throw new GantryError('not-found', 'object-not-found', `Error: No such object: ${name}`);
      },
    });
  },
});

function typesToTry(type: string, given: boolean): readonly (keyof typeof places)[] {
  if (Object.hasOwn(places, type)) return [type as keyof typeof places];
  if (type === '' && !given) return Object.keys(places) as (keyof typeof places)[];
  const message =
    type === '' ? 'type is empty: a type must be provided' : `unknown type: ${JSON.stringify(type)}`;
  throw new GantryError('invalid-argument', 'type-unknown', message);
}
