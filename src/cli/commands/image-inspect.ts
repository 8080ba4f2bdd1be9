import { defineCommand } from '../command.ts';
import { objectFormatUsage } from '../format-usage.ts';
import { inspectObjects } from '../inspect-objects.ts';
import { platformQuery } from '../platform-query.ts';
import { requireApi } from '../require-api.ts';

export const imageInspect = defineCommand({
  name: 'inspect',
  usage: '[OPTIONS] IMAGE [IMAGE...]',
  short: 'Display detailed information on one or more images',
  examples: ["image inspect --format '{{json .Config.Env}}' nginx"],
  words: 'images',
  flags: {
    format: { type: 'string', short: 'f', usage: objectFormatUsage },
    platform: {
      type: 'string',
      usage: [
        'Inspect a specific platform of the multi-platform image.',
        'If the image or the server is not multi-platform capable, the command will error out if the platform does not match.',
        "'os[/arch[/variant]]': Explicit platform (eg. linux/amd64)",
      ].join('\n'),
    },
  },
  arity: { min: 1, max: Infinity },
  async run({ io, args, flags, engine, signal }) {
    const client = await engine();
    if (flags.platform !== '') requireApi(client, '1.49', '--platform');
    const query = platformQuery(flags.platform);
    return inspectObjects(io, args, {
      format: flags.format,
      find: async (name) =>
        (await client.request({ method: 'GET', path: `/images/${name}/json`, query, signal })).json(),
    });
  },
});
