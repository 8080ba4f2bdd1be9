import { type LayerEvent, pullAllTags, type PullEvent, pullImage } from '#engine';
import {
  canonicalString,
  familiarString,
  formatPlatform,
  parsePlatform,
  type Platform,
  type Reference,
  shortId,
} from '#oci';
import { type ProgressMessage, progressMediaType } from '#wire';
import { type Answer, stream } from './answer.ts';
import { authOf } from './auth.ts';
import type { Daemon } from './daemon.ts';
import type { Exchange } from './exchange.ts';
import { referenceOf, text } from './parameters.ts';
import { progressLines, type Report } from './progress-stream.ts';

/** `POST /images/create?fromImage=`: pulls an image, or without a tag all of a repository. */
export function pull(exchange: Exchange, { engine }: Daemon, form: URLSearchParams): Answer {
  // The docker command asks for all tags with a colon and nothing behind it.
  const name = (form.get('fromImage') ?? '').replace(/:$/, '');
  const reference = referenceOf(name, text(form, 'tag'));
  const wanted = exchange.speaks('1.32') ? text(form, 'platform') : undefined;
  const { platform, platforms } = platformsOf(wanted, engine.platform);
  const work = async (report: Report) => {
    const options = {
      ...authOf(exchange),
      ...(platform === undefined ? {} : { platform }),
      ...(platforms === undefined ? {} : { platforms }),
      signal: exchange.signal,
      report: (event: PullEvent) => {
        report(pullMessage(event));
      },
    };
    const single = reference.tag !== undefined || reference.digest !== undefined;
    const result = single
      ? await pullImage(engine, reference, options)
      : { ...(await pullAllTags(engine, reference, options)), mismatch: undefined };
    report({
      status: `Status: ${result.changed ? 'Downloaded newer image' : 'Image is up to date'} for ${familiarString(reference)}`,
    });
    if (result.mismatch !== undefined && platform !== undefined) {
      report({ status: mismatchWarning(reference, result.mismatch, platform) });
    }
  };
  return stream(progressMediaType, progressLines(work));
}

/** One platform, as docker has it; or `all`, or several with commas between them: images of one index. */
function platformsOf(
  text: string | undefined,
  host: Platform,
): { readonly platform?: Platform; readonly platforms?: readonly Platform[] | 'all' } {
  if (text === undefined) return {};
  if (text === 'all') return { platforms: 'all' };
  const [first, ...others] = text.split(',').map((each) => parsePlatform(each.trim(), host));
  if (first === undefined || others.length > 0) return { platforms: [...(first ? [first] : []), ...others] };
  return { platform: first };
}

function mismatchWarning(reference: Reference, found: Platform, wanted: Platform): string {
  return `WARNING: image with reference ${familiarString(reference)} was found but its platform (${formatPlatform(found)}) does not match the specified platform (${formatPlatform(wanted)})`;
}

const layerStates = {
  exists: 'Already exists',
  queued: 'Pulling fs layer',
  waiting: 'Waiting',
  downloading: 'Downloading',
  verifying: 'Verifying Checksum',
  downloaded: 'Download complete',
  extracting: 'Extracting',
  complete: 'Pull complete',
} as const satisfies Record<Exclude<LayerEvent['state'], 'retrying'>, string>;

function retrying(seconds: number): string {
  return `Retrying in ${seconds} second${seconds === 1 ? '' : 's'}`;
}

function pullMessage(event: PullEvent): ProgressMessage {
  switch (event.type) {
    case 'pulling': {
      const { tag = '', digest, path } = event.reference;
      const id = digest === undefined ? tag : canonicalString(event.reference);
      return { status: `Pulling from ${path}`, id };
    }
    case 'layer': {
      const { current, total } = event;
      return {
        status: event.state === 'retrying' ? retrying(event.seconds ?? 0) : layerStates[event.state],
        progressDetail: {
          ...(current === undefined ? {} : { current }),
          ...(total === undefined ? {} : { total }),
        },
        id: shortId(event.blob),
      };
    }
    case 'pulled':
      return { status: `Digest: ${event.digest}` };
  }
}
