import { redact } from '#errors';
import type { ResolvedSettings } from '../settings.ts';
import { definitions, type SettingName } from './table.ts';

/** The settings in force as text, and where each comes from, in the order of the documentation. No secret is in it. */
export function describeSettings({
  settings,
  from,
}: ResolvedSettings): readonly { readonly Name: string; readonly Value: string; readonly From: string }[] {
  return definitions.map(([name, { key }]) => {
    const value: unknown = settings[name];
    return {
      Name: key,
      Value: redact(Array.isArray(value) ? value.join(', ') : String(value)),
      From: from[name],
    };
  });
}

/** The keys whose values differ, apart: those that a running daemon takes over, and those that it cannot. */
export function compareSettings(
  before: ResolvedSettings,
  after: ResolvedSettings,
): { readonly live: readonly string[]; readonly fixed: readonly string[] } {
  const changed = definitions.filter(
    ([name]) => JSON.stringify(before.settings[name]) !== JSON.stringify(after.settings[name]),
  );
  const keys = (isLive: boolean) =>
    changed.flatMap(([, { key, live = false }]) => (live === isLive ? [key] : []));
  return { live: keys(true), fixed: keys(false) };
}

/** `after` as far as a running daemon can take it over; the rest stays as it was. */
export function mergeLive(before: ResolvedSettings, after: ResolvedSettings): ResolvedSettings {
  const choose = <Value>(
    old: Readonly<Record<SettingName, Value>>,
    next: Readonly<Record<SettingName, Value>>,
  ) => Object.fromEntries(definitions.map(([name, { live }]) => [name, (live ? next : old)[name]]));
  return {
    settings: choose<unknown>(
      { ...before.settings },
      { ...after.settings },
    ) as unknown as ResolvedSettings['settings'],
    from: choose(before.from, after.from) as ResolvedSettings['from'],
    warnings: after.warnings,
  };
}
