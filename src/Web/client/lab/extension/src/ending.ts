// That the hub is about to stop a kernel, as it says on the event stream and in a kernel's model. Pure.
import { isRecord } from './executions';

export const kernelEndingSchema = 'urn:notebook-hub:kernel-ending:v1';

export interface Ending {
  /** `idle` or `longest_run`. */
  readonly cause: string;
  /** Milliseconds since 1970. */
  readonly endsAt: number;
  /** For how long the kernel is kept when somebody asks for it; 0 when it cannot be. */
  readonly keepSeconds: number;
}

export interface EndingNews {
  readonly kernelId: string;
  /** Null takes back what was told. */
  readonly ending: Ending | null;
}

/** Reads one event of the stream; null for events of other kinds. */
export function readEndingEvent(emission: { readonly [key: string]: unknown }): EndingNews | null {
  return emission.schema_id === kernelEndingSchema && typeof emission.kernel_id === 'string'
    ? { kernelId: emission.kernel_id, ending: readEnding(emission) }
    : null;
}

/** Reads the `hub` member of a kernel's model; null when its end was not told. */
export function readEndingModel(model: unknown): Ending | null {
  return isRecord(model) && isRecord(model.hub) && isRecord(model.hub.ending) ? readEnding(model.hub.ending) : null;
}

// JupyterLab cuts what a notice says after 140 characters.
const longestName = 36;

/** What the notice says of the kernel of this notebook. */
export function endingText(ending: Ending, name: string, clock: (at: number) => string): string {
  const short = name.length > longestName ? `${name.slice(0, longestName - 1)}…` : name;
  const why = ending.cause === 'idle' ? 'is not used' : 'has run for as long as it may';
  return `The kernel of ${short} ${why}. It is stopped at ${clock(ending.endsAt)}; its variables will be gone.`;
}

/** What the button says that keeps it. */
export function keepText(seconds: number): string {
  const units: readonly (readonly [number, string])[] = [[86_400, 'day'], [3600, 'hour'], [60, 'minute'], [1, 'second']];
  const [size, unit] = units.find(([one]) => seconds % one === 0 && seconds >= one) ?? [1, 'second'];
  const count = Math.round(seconds / size);
  return count === 1 ? `Keep for another ${unit}` : `Keep for another ${count} ${unit}s`;
}

function readEnding(from: { readonly [key: string]: unknown }): Ending | null {
  const endsAt = typeof from.ends_at === 'string' ? Date.parse(from.ends_at) : NaN;
  return Number.isNaN(endsAt) ? null : {
    endsAt,
    cause: typeof from.cause === 'string' ? from.cause : '',
    keepSeconds: typeof from.keep_seconds === 'number' && from.keep_seconds > 0 ? from.keep_seconds : 0
  };
}
