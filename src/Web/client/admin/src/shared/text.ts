/** Figures and times as people say them. Pure. */

/** `-` stands for what nobody can tell, which is not the same as nothing. */
export const unknown = 'unknown';

export function bytes(count: number | null): string {
  if (count === null) {
    return unknown;
  }
  return count >= 2 ** 30 ? `${Number((count / 2 ** 30).toFixed(1))} GiB` : `${Math.round(count / 2 ** 20)} MiB`;
}

/** What is taken, against what may be, where that is known. */
export function memory(taken: number | null, limit: number | null): string {
  return limit === null ? bytes(taken) : `${bytes(taken)} of ${bytes(limit)}`;
}

/** How much of its limit something takes, from 0 to 1; null where that cannot be said. */
export function share(taken: number | null, limit: number | null): number | null {
  return taken === null || limit === null || limit <= 0 ? null : Math.min(1, taken / limit);
}

export function percent(hundredths: number | null): string {
  return hundredths === null ? unknown : `${hundredths} %`;
}

/** How long ago; the hub's clock and this machine's may differ, so nothing lies in the future. */
export function ago(at: string | null, now: number): string {
  if (at === null) {
    return 'never';
  }
  return `${span(now - Date.parse(at))} ago`;
}

export function span(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) {
    return `${seconds} s`;
  }
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) {
    return `${minutes} min`;
  }
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`;
}

export function moment(at: string): string {
  return at.replace('T', ' ').replace(/(\.\d+)?(Z|\+00:00)$/, ' UTC');
}
