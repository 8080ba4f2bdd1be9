import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';

/**
 * How long SQLite itself sleeps for a lock, in milliseconds. It blocks the event loop while it does, so it only
 * bridges another process's short commit; longer waits are made by `whenFree`.
 */
const blockingWait = 10;

/** Statements on one connection. Each text is prepared once: values go in by `?` only. */
export interface Sql {
  /** All rows, as objects by column. */
  readonly all: (sql: string, ...values: SQLInputValue[]) => unknown[];
  /** The first row, or undefined. */
  readonly get: (sql: string, ...values: SQLInputValue[]) => unknown;
  /** How many rows were changed. */
  readonly run: (sql: string, ...values: SQLInputValue[]) => number;
  /** Runs a script of several statements, not prepared and without values. */
  readonly script: (sql: string) => void;
  /** Whether a transaction is open: SQLite ends it by itself after some errors, a full disk among them. */
  readonly inTransaction: boolean;
  readonly close: () => void;
}

/** Opens one connection. Errors are SQLite's own, here and from all methods. */
export function openConnection(path: string, { readOnly = false }: { readOnly?: boolean } = {}): Sql {
  const database = new DatabaseSync(path, { readOnly, timeout: blockingWait });
  const prepared = new Map<string, StatementSync>();
  const statement = (sql: string): StatementSync => {
    let found = prepared.get(sql);
    if (found === undefined) prepared.set(sql, (found = database.prepare(sql)));
    return found;
  };
  return {
    all: (sql, ...values) => statement(sql).all(...values),
    get: (sql, ...values) => statement(sql).get(...values),
    run: (sql, ...values) => Number(statement(sql).run(...values).changes),
    script: (sql) => {
      database.exec(sql);
    },
    get inTransaction() {
      return database.isTransaction;
    },
    close: () => {
      database.close();
    },
  };
}
