import type { ProgressMessage } from '#wire';
import { humanSize } from './units.ts';

/** How much of all layers has been moved, and how fast. */
export interface TransferTotal {
  /** Takes in a message; `now` in milliseconds. */
  add(message: ProgressMessage, now: number): void;
  /** Bytes moved and to move, as far as they are known. */
  readonly moved: number;
  readonly total: number;
  /** `312MB/890MB 35% 18MB/s 0:32 left`; undefined while nothing moves. */
  line(now: number): string | undefined;
}

/** The speed is that of the last so many milliseconds: long enough to be steady, short enough to be true. */
const speedWindow = 5000;

/** What moves bytes over the network or from a file; extraction moves the same bytes once more and does not count. */
const moving = new Set(['Downloading', 'Pushing', 'Loading layer']);
const moved = new Set(['Download complete', 'Verifying Checksum', 'Extracting', 'Pull complete', 'Pushed']);

export function createTransferTotal(): TransferTotal {
  const layers = new Map<string, { current: number; total: number }>();
  const samples: { at: number; bytes: number }[] = [];
  const sum = (key: 'current' | 'total') => [...layers.values()].reduce((all, layer) => all + layer[key], 0);

  const speed = (now: number): number => {
    const oldest = samples.find(({ at }) => at >= now - speedWindow) ?? samples[0];
    if (oldest === undefined || now <= oldest.at) return 0;
    return ((sum('current') - oldest.bytes) * 1000) / (now - oldest.at);
  };

  return {
    add({ id, status = '', progressDetail }, now) {
      if (id === undefined) return;
      const { current, total } = progressDetail ?? {};
      const known = layers.get(id);
      if (moving.has(status) && current !== undefined && total !== undefined) {
        layers.set(id, { current, total });
      } else if (known !== undefined && moved.has(status)) known.current = known.total;
      else return;
      // Ten samples a second are enough for the speed, however many messages come.
      if (now - (samples.at(-1)?.at ?? -Infinity) < 100) return;
      samples.push({ at: now, bytes: sum('current') });
      while ((samples[1]?.at ?? now) < now - speedWindow) samples.shift();
    },
    get moved() {
      return sum('current');
    },
    get total() {
      return sum('total');
    },
    line(now) {
      const [current, total] = [sum('current'), sum('total')];
      if (total === 0 || current >= total) return undefined;
      const rate = speed(now);
      const left = rate > 0 ? ` ${clock((total - current) / rate)} left` : '';
      const percent = Math.floor((current / total) * 100);
      return `${humanSize(current)}/${humanSize(total)} ${percent}% ${humanSize(rate)}/s${left}`;
    },
  };
}

/** Seconds as `0:32` or `1:02:03`. */
function clock(seconds: number): string {
  const whole = Math.ceil(seconds);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (number: number) => String(number).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
