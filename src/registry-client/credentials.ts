import { mkdir, readFile, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errnoOf, fromErrno, GantryError } from '#errors';
import { createCredentialHelper, type CredentialHelper } from './credential-helper.ts';
import type { Environment } from './proxy.ts';
import { isSameServer, searchKeys, serverKey } from './server-key.ts';
import type { RegistryCredentials } from './token.ts';

/**
 * Credentials as Docker keeps them: in its configuration file, or with the helper program that the file names for
 * all servers (`credsStore`) or for one (`credHelpers`). A server is a host, a host with the path of a repository, or
 * a URL; `docker.io` is Docker Hub.
 *
 * All methods throw corrupt `docker-config-invalid`, `errno-…`, and what helpers throw: not-found
 * `credential-helper-missing`, unavailable `credential-helper-failed`, corrupt `credential-helper-answer`.
 */
export interface Credentials {
  /** What is kept for the longest part of the server's path, or undefined. */
  get(server: string): Promise<RegistryCredentials | undefined>;
  /**
   * Keeps them for the server; a file is private (0600) and durable, and what else is in it stays. Answers whether
   * this put a password into the file, where it is not encrypted.
   */
  store(server: string, credentials: RegistryCredentials): Promise<boolean>;
  /** Forgets them; answers whether the file or the helper had any. */
  erase(server: string): Promise<boolean>;
}

interface StoredAuth {
  /** `user:password` in base64. */
  readonly auth?: unknown;
  readonly username?: unknown;
  readonly password?: unknown;
  readonly identitytoken?: unknown;
  readonly registrytoken?: unknown;
}

/** The file, with whatever else it holds. */
interface ConfigFile {
  auths?: Record<string, StoredAuth>;
  credsStore?: unknown;
  credHelpers?: Record<string, unknown>;
}

/** The credentials in `configFile` (`~/.docker/config.json`), which need not exist. Reads it at each call. */
export function openCredentials({ configFile, env }: { configFile: string; env: Environment }): Credentials {
  function helperFor(config: ConfigFile, key: string): CredentialHelper | undefined {
    const name = config.credHelpers?.[key] ?? config.credsStore;
    return typeof name === 'string' && name !== '' ? createCredentialHelper(name, env) : undefined;
  }

  return {
    async get(server) {
      const config = await readConfig(configFile);
      for (const key of searchKeys(server)) {
        const found = (await helperFor(config, key)?.get(key)) ?? findStored(config, key);
        if (found !== undefined) return found;
      }
      return undefined;
    },

    async store(server, credentials) {
      const config = await readConfig(configFile);
      const key = serverKey(server);
      const helper = helperFor(config, key);
      await helper?.store(key, credentials);
      // With a helper, an empty entry says that there is a login, as Docker writes it.
      const kept = helper === undefined ? toStored(credentials) : {};
      if (JSON.stringify(config.auths?.[key]) === JSON.stringify(kept)) return false;
      config.auths = { ...config.auths, [key]: kept };
      await writeConfig(configFile, config);
      return helper === undefined && !credentials.identityToken && Boolean(credentials.password);
    },

    async erase(server) {
      const config = await readConfig(configFile);
      const key = serverKey(server);
      const helper = helperFor(config, key);
      const had = helper !== undefined && (await helper.get(key)) !== undefined;
      if (had) await helper.erase(key);
      const kept = Object.entries(config.auths ?? {}).filter(([written]) => !isSameServer(written, key));
      const listed = kept.length < Object.keys(config.auths ?? {}).length;
      if (listed) await writeConfig(configFile, { ...config, auths: Object.fromEntries(kept) });
      return had || listed;
    },
  };
}

function findStored(config: ConfigFile, key: string): RegistryCredentials | undefined {
  const entries = Object.entries(config.auths ?? {});
  const entry =
    entries.find(([written]) => written === key) ?? entries.find(([written]) => isSameServer(written, key));
  return entry && fromStored(entry[1]);
}

function fromStored(stored: StoredAuth): RegistryCredentials | undefined {
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  const decoded = Buffer.from(text(stored.auth), 'base64').toString();
  const colon = decoded.indexOf(':');
  const username = colon > 0 ? decoded.slice(0, colon) : text(stored.username);
  // Docker pads what it wrote with zero bytes.
  const password = colon > 0 ? decoded.slice(colon + 1).replace(/\0+$/, '') : text(stored.password);
  const identityToken = text(stored.identitytoken);
  const registryToken = text(stored.registrytoken);
  if (username === '' && identityToken === '' && registryToken === '') return undefined;
  return {
    ...(username !== '' && { username, password }),
    ...(identityToken !== '' && { identityToken }),
    ...(registryToken !== '' && { registryToken }),
  };
}

function toStored({ username = '', password = '', identityToken }: RegistryCredentials): StoredAuth {
  const secret = identityToken ? '' : password;
  return {
    auth: Buffer.from(`${username}:${secret}`).toString('base64'),
    ...(identityToken && { identitytoken: identityToken }),
  };
}

async function readConfig(path: string): Promise<ConfigFile> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return {};
    throw fromErrno(error, `read ${path}`, { path });
  }
  const invalid = (cause?: unknown): GantryError =>
    new GantryError(
      'corrupt',
      'docker-config-invalid',
      `${path} is no Docker configuration: repair or remove it`,
      {
        subject: { path },
        cause,
      },
    );
  try {
    const config: unknown = JSON.parse(text);
    const isObject = (value: unknown): boolean =>
      typeof value === 'object' && value !== null && !Array.isArray(value);
    if (!isObject(config)) throw invalid();
    const { auths = {}, credHelpers = {} } = config as ConfigFile;
    if (!isObject(auths) || !isObject(credHelpers) || !Object.values(auths).every(isObject)) throw invalid();
    return config as ConfigFile;
  } catch (error) {
    throw error instanceof SyntaxError ? invalid(error) : error;
  }
}

async function writeConfig(path: string, config: ConfigFile): Promise<void> {
  const { writeFileDurably } = await import('#host');
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw fromErrno(error, `make ${dirname(path)}`, { path });
  }
  // A link stays one: the file is often kept elsewhere.
  const target = await realpath(path).catch(() => path);
  // Docker indents with a tab.
  await writeFileDurably(target, `${JSON.stringify(config, undefined, '\t')}\n`, { mode: 0o600 });
}
