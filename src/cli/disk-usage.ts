import type { DiskUsage as WireDiskUsage } from '#wire';
import type { Listing } from './format.ts';
import { humanSize } from './units.ts';

/** What takes space at a daemon: Gantry's own, or one that has containers, volumes and a build cache too. */
export interface DiskUsage extends Omit<WireDiskUsage, 'Containers' | 'Volumes' | 'BuildCache'> {
  readonly Containers: readonly ContainerUsage[] | null;
  readonly Volumes: readonly VolumeUsage[] | null;
  readonly BuildCache: readonly CacheUsage[] | null;
}

export interface ContainerUsage {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly Image: string;
  readonly ImageID: string;
  readonly Command: string;
  /** Seconds since 1970. */
  readonly Created: number;
  readonly State: string;
  readonly Status: string;
  /** Absent when it is 0. */
  readonly SizeRw?: number;
  readonly Mounts?: readonly { readonly Driver?: string }[] | null;
}

export interface VolumeUsage {
  readonly Name: string;
  /** A size of -1 was not counted. */
  readonly UsageData: { readonly Size: number; readonly RefCount: number };
}

export interface CacheUsage {
  readonly ID: string;
  readonly Type: string;
  readonly Size: number;
  readonly InUse: boolean;
  readonly Shared: boolean;
  /** RFC 3339. */
  readonly CreatedAt: string;
  readonly LastUsedAt?: string | null;
  readonly UsageCount: number;
}

/** One line of the summary. */
export interface UsageRow {
  readonly type: string;
  readonly total: number;
  readonly active: number;
  /** Bytes. */
  readonly size: number;
  readonly reclaimable: number;
  /** Whether docker says how much of the whole can be reclaimed. */
  readonly ofWhole: boolean;
}

/** The summary as docker counts it (docker/cli command/formatter/disk_usage.go). */
export function usageRows({ LayersSize, Images, Containers, Volumes, BuildCache }: DiskUsage): UsageRow[] {
  return [
    imageRow(LayersSize, Images ?? []),
    containerRow(Containers ?? []),
    volumeRow(Volumes ?? []),
    cacheRow(BuildCache ?? []),
  ];
}

function imageRow(size: number, images: NonNullable<DiskUsage['Images']>): UsageRow {
  const used = images
    .filter(({ Containers, Size, SharedSize }) => Containers !== 0 && Size !== -1 && SharedSize !== -1)
    .map(({ Size, SharedSize }) => Size - SharedSize);
  return {
    type: 'Images',
    total: images.length,
    active: images.filter(({ Containers }) => Containers > 0).length,
    size,
    reclaimable: size - sum(used),
    ofWhole: true,
  };
}

function containerRow(containers: readonly ContainerUsage[]): UsageRow {
  const size = (some: readonly ContainerUsage[]): number => sum(some.map(({ SizeRw = 0 }) => SizeRw));
  const isActive = ({ State }: ContainerUsage): boolean =>
    ['running', 'paused', 'restarting'].includes(State);
  const active = containers.filter(isActive);
  return {
    type: 'Containers',
    total: containers.length,
    active: active.length,
    size: size(containers),
    reclaimable: size(containers) - size(active),
    ofWhole: true,
  };
}

function volumeRow(volumes: readonly VolumeUsage[]): UsageRow {
  const size = (some: readonly VolumeUsage[]): number =>
    sum(some.map(({ UsageData }) => Math.max(0, UsageData.Size)));
  const idle = volumes.filter(({ UsageData }) => UsageData.RefCount === 0);
  return {
    type: 'Local Volumes',
    total: volumes.length,
    active: volumes.filter(({ UsageData }) => UsageData.RefCount > 0).length,
    size: size(volumes),
    reclaimable: size(idle),
    ofWhole: true,
  };
}

function cacheRow(cache: readonly CacheUsage[]): UsageRow {
  const size = cacheSize(cache);
  return {
    type: 'Build Cache',
    total: cache.length,
    active: cache.filter(({ InUse }) => InUse).length,
    size,
    reclaimable: size - cacheSize(cache.filter(({ InUse }) => InUse)),
    ofWhole: false,
  };
}

/** Bytes of a build cache; what it shares with images is theirs. */
export function cacheSize(cache: readonly CacheUsage[]): number {
  return sum(cache.filter(({ Shared }) => !Shared).map(({ Size }) => Size));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

export const usageListing: Listing<UsageRow> = {
  typeName: '*formatter.diskUsageImagesContext',
  columns: {
    Type: { header: 'TYPE', value: ({ type }) => type },
    TotalCount: { header: 'TOTAL', value: ({ total }) => String(total) },
    Active: { header: 'ACTIVE', value: ({ active }) => String(active) },
    Size: { header: 'SIZE', value: ({ size }) => humanSize(size) },
    Reclaimable: { header: 'RECLAIMABLE', value: reclaimable },
  },
  table: '{{.Type}}\\t{{.TotalCount}}\\t{{.Active}}\\t{{.Size}}\\t{{.Reclaimable}}',
  raw: [
    ...['type: {{.Type}}', 'total: {{.TotalCount}}', 'active: {{.Active}}', 'size: {{.Size}}'],
    ...['reclaimable: {{.Reclaimable}}', ''],
  ].join('\\n'),
};

function reclaimable({ reclaimable: bytes, size, ofWhole }: UsageRow): string {
  const text = humanSize(bytes);
  return ofWhole && size > 0 ? `${text} (${Math.trunc((bytes * 100) / size)}%)` : text;
}
