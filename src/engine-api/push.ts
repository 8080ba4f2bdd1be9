import { inspectImage, pushAllTags, type PushEvent, pushImage } from '#engine';
import { GantryError } from '#errors';
import { canonicalName, familiarString, shortId } from '#oci';
import { parseAuth, type ProgressMessage, progressMediaType } from '#wire';
import type * as wire from '#wire';
import { type Answer, stream } from './answer.ts';
import { authOf, registryAuth } from './auth.ts';
import type { Daemon } from './daemon.ts';
import type { Exchange } from './exchange.ts';
import { parseJsonPlatform, referenceOf, text } from './parameters.ts';
import { progressLines, type Report } from './progress-stream.ts';

/** `POST /images/{name}/push`: one tag, or without a tag all of a repository. */
export async function push(exchange: Exchange, { engine }: Daemon): Promise<Answer> {
  const { query } = exchange;
  const tag = text(query, 'tag');
  const reference = referenceOf(exchange.name, tag);
  const platform = exchange.speaks('1.46') ? parseJsonPlatform(text(query, 'platform')) : undefined;
  const auth = await credentials(exchange);
  // Before the first byte, so that the client gets a status (moby daemon/images/image_push.go).
  if (platform !== undefined) await inspectImage(engine, familiarString(reference), { platform });
  const work = (report: Report) => {
    const options = {
      ...auth,
      ...(platform === undefined ? {} : { platform }),
      signal: exchange.signal,
      report: (event: PushEvent) => {
        for (const message of pushMessages(event)) report(message);
      },
    };
    const all = reference.tag === undefined && reference.digest === undefined;
    return all ? pushAllTags(engine, reference, options) : pushImage(engine, reference, options);
  };
  return stream(progressMediaType, progressLines(work));
}

/** From the header, or from the body, where clients had them before there was the header. */
async function credentials(exchange: Exchange): Promise<ReturnType<typeof authOf>> {
  if (exchange.headers['x-registry-auth'] !== undefined) return authOf(exchange);
  try {
    return { auth: registryAuth(parseAuth(await exchange.json({ anyType: true }))) };
  } catch (error) {
    throw new GantryError(
      'invalid-argument',
      'registry-auth-missing',
      'the request has no credentials, neither in its header nor in its body',
      { cause: error },
    );
  }
}

function pushMessages(event: PushEvent): readonly ProgressMessage[] {
  switch (event.type) {
    case 'pushing':
      return [{ status: `The push refers to repository [${canonicalName(event.repository)}]` }];
    case 'layer': {
      const { current, total } = event;
      const progressDetail = {
        ...(current === undefined ? {} : { current }),
        ...(total === undefined ? {} : { total }),
      };
      return [{ status: layerStatus(event), progressDetail, id: shortId(event.diffId) }];
    }
    case 'narrowed': {
      const aux: wire.PushNarrowed = {
        manifestPushedInsteadOfIndex: true,
        originalIndex: event.index,
        selectedManifest: event.manifest,
      };
      return [{ progressDetail: {}, aux }];
    }
    case 'pushed': {
      const { tag, digest, size } = event;
      const aux: wire.PushResult = { Tag: tag, Digest: digest, Size: size };
      return [{ status: `${tag}: digest: ${digest} size: ${size}` }, { progressDetail: {}, aux }];
    }
  }
}

function layerStatus({ state, from = '' }: PushEvent & { type: 'layer' }): string {
  switch (state) {
    case 'preparing':
      return 'Preparing';
    case 'waiting':
      return 'Waiting';
    case 'pushing':
      return 'Pushing';
    case 'pushed':
      return 'Pushed';
    case 'exists':
      return 'Layer already exists';
    case 'mounted':
      return `Mounted from ${from}`;
  }
}
