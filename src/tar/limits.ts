import { GantryError } from '#errors';

/** What a reader accepts at most from an archive before it throws `tar-limit`. */
export interface TarLimits {
  /** Bytes in one pax header or one GNU long name. 1 MiB, as in Go's archive/tar. */
  readonly headerBytes: number;
  /** Data pieces of one sparse file. 1 Mi: 16 MiB of memory at worst. */
  readonly sparsePieces: number;
}

export const defaultLimits: TarLimits = { headerBytes: 1 << 20, sparsePieces: 1 << 20 };

/** Makes the error for a damaged header: `why` is a clause such as "its checksum does not match". */
export type Fault = (why: string) => GantryError;

/** Throws `tar-limit` when `value` is above what the limit allows. */
export function checkLimit(limits: TarLimits, name: keyof TarLimits, value: number): void {
  const most = limits[name];
  if (value <= most) return;
  throw new GantryError(
    'resource-exhausted',
    'tar-limit',
    `an entry of the archive has ${name} ${value} and ${most} is the most that is read: raise the limit if the archive is trusted`,
    { subject: { limit: name, value, most } },
  );
}
