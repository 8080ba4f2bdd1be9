import { closeSync, openSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { fromErrno, GantryError } from '#errors';
import { openConnection, type Sql } from './connection.ts';
import { fromSqlite, isBusy } from './sqlite-error.ts';

/** One database as its readers and its one writer at a time see it. */
export interface Database extends AsyncDisposable {
  /** Runs `query`, which sees what was committed before it began. */
  read<T>(query: (sql: Sql) => T): Promise<T>;
  /**
   * Runs `work` in one transaction that excludes all other writers, of this process and of others. Commits when
   * it succeeds; when it throws, nothing has happened. `work` may wait: then the others wait too.
   */
  write<T>(work: (sql: Sql) => T | Promise<T>): Promise<T>;
}

export interface DatabaseOptions {
  readonly path: string;
  /** Scripts that lead from version n to n + 1. */
  readonly migrations: readonly string[];
  /** How long to wait for other processes' locks, in milliseconds. */
  readonly patience: number;
}

/**
 * Opens the database, makes it when it is not there, and brings an older one up to date in one transaction.
 *
 * WAL lets readers go on while another writes; with synchronous=FULL a commit is on the disk when it returns
 * (https://www.sqlite.org/pragma.html#pragma_synchronous).
 *
 * @throws unsupported `store-too-new` when a newer Gantry wrote it, and those of `fromSqlite`
 */
export async function openDatabase({ path, migrations, patience }: DatabaseOptions): Promise<Database> {
  const inMemory = path === ':memory:';
  const guard = <T>(attempt: () => T): Promise<T> => whenFree(attempt, { path, patience });
  if (!inMemory) makeFile(path);
  const writer = await guard(() => openConnection(path));
  let reader = writer;
  let queue: Promise<unknown> = Promise.resolve();

  const version = (): number => (writer.get('PRAGMA user_version') as { user_version: number }).user_version;
  const refuseNewer = (): void => {
    const found = version();
    if (found <= migrations.length) return;
    throw new GantryError(
      'unsupported',
      'store-too-new',
      `the metadata in ${path} has version ${found}, this Gantry knows up to ${migrations.length}; use the newer Gantry that wrote it`,
      { subject: { path, version: found, known: migrations.length } },
    );
  };

  async function transaction<T>(work: (sql: Sql) => T | Promise<T>): Promise<T> {
    await guard(() => {
      writer.run('BEGIN IMMEDIATE');
    });
    try {
      // Again each time: a newer Gantry may have changed the tables while this process ran.
      refuseNewer();
      const result = await work(writer);
      writer.run('COMMIT');
      return result;
    } catch (error) {
      if (writer.inTransaction) writer.run('ROLLBACK');
      throw fromSqlite(error, path);
    }
  }

  try {
    await guard(() => {
      writer.script('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    });
    await guard(refuseNewer);
    if ((await guard(version)) < migrations.length) {
      await transaction((sql) => {
        for (const script of migrations.slice(version())) sql.script(script);
        sql.script(`PRAGMA user_version = ${migrations.length}`);
      });
    }
    // A database in memory belongs to its connection.
    if (!inMemory) reader = await guard(() => openConnection(path, { readOnly: true }));
  } catch (error) {
    writer.close();
    throw fromSqlite(error, path);
  }

  return {
    read: (query) => guard(() => query(reader)),
    write(work) {
      const done = queue.then(() => transaction(work));
      queue = done.catch(() => undefined);
      return done;
    },
    async [Symbol.asyncDispose]() {
      await queue;
      if (reader !== writer) reader.close();
      writer.close();
    },
  };
}

function makeFile(path: string): void {
  try {
    // SQLite would make it readable for all; it gives its other files the mode of this one.
    closeSync(openSync(path, 'a', 0o600));
  } catch (error) {
    throw fromErrno(error, `open the metadata in ${path}`, { path });
  }
}

/** Makes `attempt` again while another connection holds the lock that it needs, without blocking the event loop. */
async function whenFree<T>(
  attempt: () => T,
  { path, patience }: { path: string; patience: number },
): Promise<T> {
  const deadline = performance.now() + patience;
  for (let pause = 1; ; pause = Math.min(pause * 2, 100)) {
    try {
      return attempt();
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw fromSqlite(error, path);
    }
    await setTimeout(pause);
  }
}
