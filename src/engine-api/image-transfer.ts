import { GantryError } from '#errors';
import type { Answer } from './answer.ts';
import { load, save } from './archive.ts';
import type { Daemon } from './daemon.ts';
import type { Exchange } from './exchange.ts';
import { importFrom } from './import.ts';
import { pull } from './pull.ts';
import { push } from './push.ts';
import type { Route } from './router.ts';

/** `POST /images/create` is two commands: with `fromSrc` the body is a tar, whatever its type says. */
async function create(exchange: Exchange, daemon: Daemon): Promise<Answer> {
  if (exchange.query.has('fromSrc')) return importFrom(exchange, daemon);
  const form = await exchange.form();
  if (form.has('fromImage')) return pull(exchange, daemon, form);
  throw new GantryError(
    'invalid-argument',
    'source-missing',
    'one of the parameters fromImage and fromSrc is needed',
  );
}

export const imageTransferRoutes: readonly Route[] = [
  { method: 'POST', path: '/images/create', handle: create },
  { method: 'POST', path: '/images/{name}/push', handle: push },
  { method: 'GET', path: '/images/get', handle: save },
  { method: 'GET', path: '/images/{name}/get', handle: save },
  { method: 'POST', path: '/images/load', handle: load },
];
