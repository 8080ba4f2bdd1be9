import { familiarName, parseReference } from '#oci';
import { sprintf } from '#template';
import {
  cacheSize,
  type CacheUsage,
  type ContainerUsage,
  type DiskUsage,
  type VolumeUsage,
} from './disk-usage.ts';
import { ellipsis } from './ellipsis.ts';
import { formatRows, type Listing, rowView } from './format.ts';
import { imageColumns, imageRows, type ImageRow, none } from './image-rows.ts';
import { shownId, timeAgo } from './time-words.ts';
import { humanSize, humanSizeWithPrecision } from './units.ts';

/** Every thing that takes space, in docker's four tables. */
export function usageTables(usage: DiskUsage): string {
  const { Images, Containers, Volumes, BuildCache } = detailsOf(usage, false);
  return [
    `Images space usage:\n\n${formatRows(...Images)}`,
    `\nContainers space usage:\n\n${formatRows(...Containers)}`,
    `\nLocal Volumes space usage:\n\n${formatRows(...Volumes)}`,
    `\nBuild cache usage: ${humanSize(cacheSize(usage.BuildCache ?? []))}\n\n${formatRows(...BuildCache)}`,
  ].join('');
}

/** Every thing that takes space, as one object for templates. */
export function usageView(usage: DiskUsage): object {
  const { Images, Containers, Volumes, BuildCache } = detailsOf(usage, true);
  const views = <Row>([rows, listing]: Details<Row>): object[] => rows.map((row) => rowView(row, listing));
  return {
    Images: views(Images),
    Containers: views(Containers),
    Volumes: views(Volumes),
    BuildCache: views(BuildCache),
  };
}

type Details<Row> = readonly [rows: readonly Row[], listing: Listing<Row>];

interface AllDetails {
  readonly Images: Details<ImageRow>;
  readonly Containers: Details<ContainerUsage>;
  readonly Volumes: Details<VolumeUsage>;
  readonly BuildCache: Details<CacheUsage>;
}

function detailsOf({ Images, Containers, Volumes, BuildCache }: DiskUsage, noTrunc: boolean): AllDetails {
  const images = (Images ?? []).flatMap((image) => imageRows(image, false).slice(0, 1));
  return {
    Images: [images.map(firstTag), imageListing(noTrunc)],
    Containers: [Containers ?? [], containerListing(noTrunc)],
    Volumes: [Volumes ?? [], volumeListing],
    BuildCache: [[...(BuildCache ?? [])].sort(byLastUse), cacheListing(noTrunc)],
  };
}

/** An image has one line here: the first of its tags. */
function firstTag({ image, repository, tag }: ImageRow): ImageRow {
  return { image, repository: tag === none ? none : repository, tag, digest: '' };
}

function imageListing(noTrunc: boolean): Listing<ImageRow> {
  return {
    typeName: '*formatter.imageContext',
    columns: imageColumns(noTrunc),
    table:
      '{{.Repository}}\\t{{.Tag}}\\t{{.ID}}\\t{{.CreatedSince}}\\t{{.Size}}\\t{{.SharedSize}}\\t{{.UniqueSize}}\\t{{.Containers}}',
  };
}

/** As many cells of a container's command as docker shows. */
const shownCommand = 20;

function containerListing(noTrunc: boolean): Listing<ContainerUsage> {
  return {
    typeName: '*formatter.ContainerContext',
    columns: {
      ID: { header: 'CONTAINER ID', value: ({ Id }) => shownId(Id, noTrunc) },
      Image: { header: 'IMAGE', value: (container) => imageOf(container, noTrunc) },
      Command: {
        header: 'COMMAND',
        value: ({ Command }) => sprintf('%q', noTrunc ? Command : ellipsis(Command, shownCommand)),
      },
      LocalVolumes: {
        header: 'LOCAL VOLUMES',
        value: ({ Mounts }) => String((Mounts ?? []).filter(({ Driver }) => Driver === 'local').length),
      },
      Size: { header: 'SIZE', value: ({ SizeRw = 0 }) => humanSizeWithPrecision(SizeRw, 3) },
      RunningFor: { header: 'CREATED', value: ({ Created }) => timeAgo(Created) },
      State: { header: 'STATE', value: ({ State }) => State },
      Status: { header: 'STATUS', value: ({ Status }) => Status },
      Names: { header: 'NAMES', value: ({ Names }) => namesOf(Names, noTrunc) },
    },
    table:
      '{{.ID}}\\t{{.Image}}\\t{{.Command}}\\t{{.LocalVolumes}}\\t{{.Size}}\\t{{.RunningFor}}\\t{{.Status}}\\t{{.Names}}',
  };
}

function imageOf({ Image, ImageID }: ContainerUsage, noTrunc: boolean): string {
  if (Image === '') return '<no image>';
  if (noTrunc) return Image;
  const id = shownId(ImageID, false);
  if (shownId(Image, false) === id) return id;
  const reference = parseReference(Image);
  return reference.tag === undefined
    ? familiarName(reference)
    : `${familiarName(reference)}:${reference.tag}`;
}

/** Names begin with a slash; one with another in it is a link's. */
function namesOf(names: readonly string[], noTrunc: boolean): string {
  const bare = names.map((name) => name.slice(1));
  const own = noTrunc ? undefined : bare.find((name) => !name.includes('/'));
  return own ?? bare.join(',');
}

const volumeListing: Listing<VolumeUsage> = {
  typeName: '*formatter.volumeContext',
  columns: {
    Name: { header: 'VOLUME NAME', value: ({ Name }) => Name },
    Links: { header: 'LINKS', value: ({ UsageData }) => String(UsageData.RefCount) },
    Size: { header: 'SIZE', value: ({ UsageData }) => humanSize(UsageData.Size) },
  },
  table: '{{.Name}}\\t{{.Links}}\\t{{.Size}}',
};

/** What was never used, or longest ago, comes first. */
function byLastUse(a: CacheUsage, b: CacheUsage): number {
  const [left, right] = [a.LastUsedAt ?? '', b.LastUsedAt ?? ''];
  if (left === right) return a.ID < b.ID ? -1 : 1;
  return left < right ? -1 : 1;
}

function cacheListing(noTrunc: boolean): Listing<CacheUsage> {
  const since = (time: string): string => timeAgo(Date.parse(time) / 1000);
  return {
    typeName: '*formatter.buildCacheContext',
    columns: {
      ID: { header: 'CACHE ID', value: ({ ID, InUse }) => `${shownId(ID, noTrunc)}${InUse ? '*' : ''}` },
      CacheType: { header: 'CACHE TYPE', value: ({ Type }) => Type },
      Size: { header: 'SIZE', value: ({ Size }) => humanSizeWithPrecision(Size, 3) },
      CreatedSince: { header: 'CREATED', value: ({ CreatedAt }) => since(CreatedAt) },
      LastUsedSince: {
        header: 'LAST USED',
        value: ({ LastUsedAt }) => (LastUsedAt ? since(LastUsedAt) : ''),
      },
      UsageCount: { header: 'USAGE', value: ({ UsageCount }) => String(UsageCount) },
      InUse: { header: 'IN USE', value: ({ InUse }) => String(InUse) },
      Shared: { header: 'SHARED', value: ({ Shared }) => String(Shared) },
    },
    table:
      '{{.ID}}\\t{{.CacheType}}\\t{{.Size}}\\t{{.CreatedSince}}\\t{{.LastUsedSince}}\\t{{.UsageCount}}\\t{{.Shared}}',
  };
}
