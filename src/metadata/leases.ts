import { GantryError } from '#errors';
import type { Database } from './database.ts';
import type { Leases } from './metadata.ts';

/** Leases, kept in `database` so that all processes see them. */
export function createLeases(database: Database): Leases {
  return {
    createLease: (id, until) =>
      database.write(({ run }) => {
        if (run('INSERT INTO leases (id, until) VALUES (?, ?) ON CONFLICT DO NOTHING', id, until) === 1)
          return;
        throw new GantryError('conflict', 'lease-exists', `lease ${id} exists already; choose another id`, {
          subject: { lease: id },
        });
      }),
    hold: (id, digests) =>
      database.write(({ get, run }) => {
        if (get('SELECT 1 FROM leases WHERE id = ?', id) === undefined) throw noSuchLease(id);
        for (const digest of digests) {
          run('INSERT INTO lease_content (digest, lease) VALUES (?, ?) ON CONFLICT DO NOTHING', digest, id);
        }
      }),
    renewLease: (id, until) =>
      database.write(({ run }) => {
        if (run('UPDATE leases SET until = ? WHERE id = ?', until, id) === 0) throw noSuchLease(id);
      }),
    releaseLease: (id) =>
      database.write(({ run }) => {
        run('DELETE FROM leases WHERE id = ?', id);
      }),
  };
}

function noSuchLease(id: string): GantryError {
  return new GantryError(
    'not-found',
    'lease-not-found',
    `lease ${id} has ended, and what it held may be gone; begin again with a new lease`,
    { subject: { lease: id } },
  );
}
