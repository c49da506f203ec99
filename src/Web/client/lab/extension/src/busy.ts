// Since when a kernel is busy, with what, and for whom. Pure.
import { isRecord } from './executions';

export interface Busy {
  /** Milliseconds since 1970. */
  readonly since: number;
  /** 1 is the first of the cells that were run together; 0 when nobody knows. */
  readonly cell: number;
  readonly of: number;
  readonly user: string;
}

/** Reads the `hub` member of a kernel's model; null when the kernel is not busy, or the hub does not say. */
export function readBusy(kernel: unknown): Busy | null {
  const hub = isRecord(kernel) ? kernel.hub : undefined;
  if (!isRecord(hub) || typeof hub.busy_since !== 'string' || Number.isNaN(Date.parse(hub.busy_since))) {
    return null;
  }
  const [runs] = Array.isArray(hub.queue) ? hub.queue : [];
  return {
    since: Date.parse(hub.busy_since),
    cell: typeof hub.cell === 'number' ? hub.cell : 0,
    of: typeof hub.of === 'number' ? hub.of : 0,
    user: isRecord(runs) && typeof runs.user === 'string' ? runs.user : ''
  };
}

/** @param clock writes a time of day as people here do */
export function busyText(busy: Busy, clock: (at: number) => string): string {
  const parts = [`busy since ${clock(busy.since)}`];
  if (busy.cell > 0 && busy.of >= busy.cell) {
    parts.push(`cell ${busy.cell} of ${busy.of}`);
  }
  if (busy.user !== '') {
    parts.push(`started by ${busy.user}`);
  }
  return parts.join(', ');
}
