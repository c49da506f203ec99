// How much of its limit a home holds, as the hub says it on the event stream and in the status of the server. Pure.
import { isRecord } from './executions';

export const homeUsageSchema = 'urn:notebook-hub:home-usage:v1';

export type HomeLevel = 'fine' | 'high' | 'nearly' | 'full';

export interface HomeUsage {
  readonly usedBytes: number;
  readonly limitBytes: number;
  readonly level: HomeLevel;
}

const levels: readonly HomeLevel[] = ['fine', 'high', 'nearly', 'full'];

/** Reads one event of the stream; null for events of other kinds. */
export function readHomeEvent(emission: unknown): HomeUsage | null {
  return isRecord(emission) && emission.schema_id === homeUsageSchema ? readUsage(emission) : null;
}

/** Reads the answer of `api/status`; null without a limit, and where it is not known yet. */
export function readHomeStatus(status: unknown): HomeUsage | null {
  return isRecord(status) && isRecord(status.home) ? readUsage(status.home) : null;
}

/** What the status bar says. */
export function homeStatus(usage: HomeUsage): { readonly text: string; readonly title: string } {
  return { text: `Home ${percent(usage)} %`, title: `${held(usage)} in this home are used` };
}

/** What the notice says; null when there is nothing to say. JupyterLab cuts it after 140 characters. */
export function homeNotice(usage: HomeUsage): string | null {
  switch (usage.level) {
    case 'fine':
      return null;
    case 'high':
      return `The home holds ${held(usage)} (${percent(usage)} %). When it is full, nothing new can be saved.`;
    case 'nearly':
      return `The home is nearly full: ${held(usage)} (${percent(usage)} %). Delete what is not needed before saving stops.`;
    case 'full':
      return `The home is full: ${held(usage)}. Delete what is not needed to save new files; opening and deleting work.`;
  }
}

/** Is one level worse than another? */
export function isWorse(level: HomeLevel, than: HomeLevel): boolean {
  return levels.indexOf(level) > levels.indexOf(than);
}

function percent(usage: HomeUsage): number {
  return Math.floor((usage.usedBytes * 100) / usage.limitBytes);
}

function held(usage: HomeUsage): string {
  return `${size(usage.usedBytes)} of ${size(usage.limitBytes)}`;
}

function size(bytes: number): string {
  const units: readonly (readonly [number, string])[] = [[2 ** 40, 'TiB'], [2 ** 30, 'GiB'], [2 ** 20, 'MiB'], [2 ** 10, 'KiB']];
  const [one, unit] = units.find(([least]) => bytes >= least) ?? [1, 'bytes'];
  return `${Math.round((bytes / one) * 10) / 10} ${unit}`;
}

function readUsage(from: { readonly [key: string]: unknown }): HomeUsage | null {
  const level = levels.find(known => known === from.level);
  return typeof from.used_bytes === 'number' && typeof from.limit_bytes === 'number' && from.limit_bytes > 0 && level !== undefined
    ? { usedBytes: from.used_bytes, limitBytes: from.limit_bytes, level }
    : null;
}
