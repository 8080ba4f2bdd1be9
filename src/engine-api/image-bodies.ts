import type { HistoryItem, ImageDetails, ImageSummary, KeptManifest } from '#engine';
import type { Platform } from '#oci';
import type * as wire from '#wire';
import type { Exchange } from './exchange.ts';
import { legacyConfig, ociConfig } from './config-body.ts';
import { storageDriver } from './storage-driver.ts';

type Speaks = Exchange['speaks'];

/** Go's zero time, which stands for a time that never was. */
const zeroTime = '0001-01-01T00:00:00Z';

/** An image of a list, as the client's API version has it. */
export function summaryBody(
  { record, tags, digests, sharedSize }: ImageSummary,
  speaks: Speaks,
  {
    containers = -1,
    manifests,
  }: { containers?: number; manifests?: readonly KeptManifest[] | undefined } = {},
): wire.ImageSummary {
  const unnamed = tags.length === 0 && digests.length === 0;
  // Before 1.43 (moby api/server/router/image): names of nothing for an image without any, null for empty lists.
  const names = (list: readonly string[], none: string) => {
    if (speaks('1.43') || list.length > 0) return list;
    return unnamed ? [none] : null;
  };
  return {
    Containers: containers,
    Created: unixSeconds(record.created),
    Id: record.id,
    Labels: record.labels ?? null,
    ParentId: record.parent ?? '',
    ...(manifests && { Manifests: manifests.map(manifestBody) }),
    RepoDigests: names(digests, '<none>@<none>'),
    RepoTags: names(tags, '<none>:<none>'),
    SharedSize: sharedSize ?? -1,
    Size: record.size,
    ...(speaks('1.44') ? {} : { VirtualSize: record.size }),
  };
}

/** What `images --tree` shows below an image. */
function manifestBody({
  descriptor: { mediaType, digest, size },
  kind,
  platform,
  attests,
  available,
  contentSize,
  unpackedSize,
}: KeptManifest): wire.ManifestSummary {
  const told = platform && platformBody(platform);
  return {
    ID: digest,
    Descriptor: { mediaType, digest, size, ...(told && { platform: told }) },
    Available: available,
    Size: { Content: contentSize, Total: contentSize + unpackedSize },
    Kind: kind,
    ...(kind === 'image' && {
      ImageData: {
        Platform: told ?? { architecture: 'unknown', os: 'unknown' },
        Size: { Unpacked: unpackedSize },
        Containers: [],
      },
    }),
    ...(attests !== undefined && { AttestationData: { For: attests } }),
  };
}

/** A platform in the API's words. */
export function platformBody({ os, architecture, variant, osVersion }: Platform): wire.Platform {
  return {
    architecture,
    os,
    ...(osVersion === undefined ? {} : { 'os.version': osVersion }),
    ...(variant === undefined ? {} : { variant }),
  };
}

/** All of one image, as the client's API version has it. */
export function inspectBody(
  details: ImageDetails,
  speaks: Speaks,
  { manifests }: { manifests?: readonly KeptManifest[] | undefined } = {},
): wire.ImageInspect {
  const { record, config, tags, digests, manifest } = details;
  const created = config.created ?? (speaks('1.44') ? undefined : zeroTime);
  const head = {
    Id: record.id,
    RepoTags: tags,
    RepoDigests: digests,
    Parent: record.parent ?? '',
    Comment: config.comment ?? config.history.at(-1)?.comment ?? '',
    ...(created === undefined ? {} : { Created: created }),
    ...(speaks('1.45') ? {} : { ContainerConfig: legacyConfig({}) }),
    DockerVersion: config.dockerVersion ?? '',
    Author: config.author ?? '',
  };
  const rest = {
    Architecture: config.architecture,
    ...(config.variant === undefined ? {} : { Variant: config.variant }),
    Os: config.os,
    ...(config.osVersion === undefined ? {} : { OsVersion: config.osVersion }),
    Size: record.size,
    ...(speaks('1.44') ? {} : { VirtualSize: record.size }),
    GraphDriver: { Data: layerPaths(details.directories), Name: storageDriver },
    RootFS: { Type: 'layers', ...(config.diffIds.length === 0 ? {} : { Layers: config.diffIds }) },
    Metadata: {
      LastTagTime: record.lastTagged === undefined ? zeroTime : new Date(record.lastTagged).toISOString(),
    },
    ...(speaks('1.48') ? { Descriptor: manifest } : {}),
    ...(manifests && { Manifests: manifests.map(manifestBody) }),
  };
  return speaks('1.50')
    ? { ...head, Config: ociConfig(config.config), ...rest }
    : // moby laid the old form over the new one, which put it last.
      { ...head, ...rest, Config: legacyConfig(config.config) };
}

/** One step of an image's history. */
export function historyBody(item: HistoryItem): wire.HistoryItem {
  return {
    Comment: item.comment,
    Created: unixSeconds(item.created),
    CreatedBy: item.createdBy,
    Id: item.id ?? '<missing>',
    Size: item.size,
    Tags: item.tags.length === 0 ? null : item.tags,
  };
}

/** Where the layers lie: the top one is the upper directory, those below it the lower ones, topmost first. */
function layerPaths(directories: readonly string[] | undefined): Record<string, string> | null {
  const [upper, ...lowers] = directories?.toReversed() ?? [];
  if (upper === undefined) return null;
  return { ...(lowers.length === 0 ? {} : { LowerDir: lowers.join(':') }), UpperDir: upper };
}

function unixSeconds(time: string | undefined): number {
  const milliseconds = Date.parse(time ?? '');
  return Number.isNaN(milliseconds) ? 0 : Math.floor(milliseconds / 1000);
}
