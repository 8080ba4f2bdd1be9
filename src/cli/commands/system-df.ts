import { parseTemplate } from '#template';
import { defineCommand } from '../command.ts';
import { type DiskUsage, usageListing, usageRows } from '../disk-usage.ts';
import { usageTables, usageView } from '../disk-usage-details.ts';
import { formatRows } from '../format.ts';
import { listFormatUsage } from '../format-usage.ts';

export const systemDf = defineCommand({
  name: 'df',
  usage: '[OPTIONS]',
  short: 'Show docker disk usage',
  examples: ['system df', 'system df --verbose'],
  flags: {
    format: { type: 'string', usage: listFormatUsage },
    verbose: { type: 'boolean', short: 'v', usage: 'Show detailed information on space usage' },
  },
  arity: { min: 0, max: 0 },
  async run({ io, flags: { format, verbose }, engine, signal }) {
    const client = await engine();
    const answer = await client.request({ method: 'GET', path: '/system/df', signal });
    const usage = (await answer.json()) as DiskUsage;
    io.stdout.write(
      verbose ? detailed(usage, format) : formatRows(usageRows(usage), usageListing, { format }),
    );
    return undefined;
  },
});

/** docker ends what a template prints with nothing of its own here. */
function detailed(usage: DiskUsage, format: string): string {
  if (format === '' || format === 'table') return usageTables(usage);
  const template = parseTemplate(format === 'json' ? '{{json .}}' : format.replace(/^table */, ''));
  return template.execute(usageView(usage), { missingKey: 'error' });
}
