import { gzipSync, zstdCompressSync } from 'node:zlib';
import { decompress } from '#layer';
import {
  parseDescriptor,
  parseDigest,
  parseImageConfig,
  parseManifest,
  parsePlatform,
  parseReference,
} from '#oci';
import { parseFaults } from '#registry';
import { createTarReader, type TarHandler } from '#tar';
import { parseTemplate } from '#template';
import { decodeAuth, parseApiVersion, parseFilters, parseTimestamp, readJsonLines } from '#wire';
import { applyChanges } from '../../src/engine/changes.ts';
import { parseGlob } from '../../src/engine/glob.ts';
import { parseEntryPath } from '../../src/layer/entry-path.ts';
import { parseChallenges } from '../../src/registry-client/challenge.ts';
import { parseRanges } from '../../src/registry-server/ranges.ts';
import { randomImage } from '../support/random-image.ts';
import { tarOf } from '../support/tar-entries.ts';

/** A parser of foreign bytes, with sound inputs to start from. */
export interface FuzzedParser {
  readonly seeds: readonly Uint8Array[];
  readonly parse: (bytes: Uint8Array) => unknown;
}

const image = randomImage({ seed: 1, layers: 2, fileSize: 100 });
const host = { os: 'linux', architecture: 'amd64' };
const bytesOf = (...texts: string[]): Uint8Array[] => texts.map((text) => Buffer.from(text));
const onText =
  (parse: (text: string) => unknown) =>
  (bytes: Uint8Array): unknown =>
    parse(Buffer.from(bytes).toString('utf8'));
const archive = tarOf([
  { name: 'd/', xattrs: { 'user.a': 'b' } },
  { name: `long/${'n'.repeat(200)}`, content: 'x'.repeat(600), nanoseconds: 5 },
  { name: 'l', type: 'symlink', linkName: 'd' },
  { name: 'dev', type: 'character-device', deviceMajor: 1, deviceMinor: 3 },
]);
const ignored: TarHandler = {
  entry: () => undefined,
  data: () => undefined,
  hole: () => undefined,
  entryEnd: () => undefined,
};

async function* piecesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 97) yield bytes.subarray(at, at + 97);
}

async function drain(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream) continue;
}

export const parsers: Readonly<Record<string, FuzzedParser>> = {
  tar: {
    seeds: [archive],
    parse: (bytes) => {
      const reader = createTarReader(ignored);
      for (let at = 0; at < bytes.length; at += 700) reader.write(bytes.subarray(at, at + 700));
      reader.end();
    },
  },
  compression: {
    seeds: [gzipSync(archive), zstdCompressSync(archive), archive],
    parse: (bytes) => drain(decompress(piecesOf(bytes))),
  },
  manifest: { seeds: [image.manifest], parse: parseManifest },
  config: { seeds: [image.config], parse: parseImageConfig },
  descriptor: {
    seeds: bytesOf(JSON.stringify(image.descriptors.manifest)),
    parse: onText((text) => {
      let json: unknown;
      try {
        json = JSON.parse(text);
      } catch {
        return;
      }
      parseDescriptor(json, 'the input');
    }),
  },
  digest: { seeds: bytesOf(image.descriptors.config.digest), parse: onText(parseDigest) },
  reference: {
    seeds: bytesOf('localhost:5000/a/b:tag', `x@${image.descriptors.config.digest}`, '[::1]:5000/x'),
    parse: onText(parseReference),
  },
  platform: {
    seeds: bytesOf('linux/arm64/v8', 'windows(10.0)/amd64'),
    parse: onText((text) => parsePlatform(text, host)),
  },
  'entry path': { seeds: bytesOf('./a/../b//c', '/.wh.x'), parse: onText(parseEntryPath) },
  challenge: {
    seeds: bytesOf('Bearer realm="https://a/t",service="s",scope="repository:x:pull",Basic realm=x'),
    parse: onText(parseChallenges),
  },
  faults: {
    seeds: bytesOf('{"errors":[{"code":"DENIED","message":"no","detail":{}}]}'),
    parse: onText(parseFaults),
  },
  ranges: { seeds: bytesOf('bytes=0-5,10-,-3'), parse: onText((text) => parseRanges(text, 100)) },
  auth: {
    seeds: bytesOf(Buffer.from('{"username":"u","password":"p"}').toString('base64url')),
    parse: onText(decodeAuth),
  },
  filters: { seeds: bytesOf('{"label":{"a=b":true}}', '{"label":["a"]}'), parse: onText(parseFilters) },
  timestamp: {
    seeds: bytesOf('2024-01-02T03:04:05.6Z', '1700000000.5', '1h2m'),
    parse: onText((text) => parseTimestamp(text, 0)),
  },
  'api version': { seeds: bytesOf('1.44'), parse: onText(parseApiVersion) },
  'json lines': {
    seeds: bytesOf('{"status":"a"}\r\n{"aux":{"b":[1]}}\n'),
    parse: (bytes) => drain(readJsonLines(piecesOf(bytes))),
  },
  template: {
    seeds: bytesOf('{{range $i, $x := .A}}{{if eq $x 1}}{{printf "%q" .}}{{end}}{{end}}', '{{json .}}'),
    parse: onText(parseTemplate),
  },
  glob: { seeds: bytesOf('a*[b-c]?\\d'), parse: onText((text) => parseGlob(text)('some/name:tag')) },
  instructions: {
    seeds: bytesOf('CMD ["a","b"]', 'ENV A=b C="d e"', 'HEALTHCHECK --interval=5s CMD x', 'EXPOSE 80/tcp'),
    parse: onText((text) => applyChanges({}, [text])),
  },
};
