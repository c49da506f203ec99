// What the page must show when a kernel starts, fails or dies. Pure: the clock and the views are the caller's.
import type { KernelEvent } from './kernelEvents';

/** A start under way. */
interface Start {
  readonly since: number;
  readonly message: string;
  readonly percent: number;
  readonly shown: boolean;
}

export interface KernelNews {
  /** By kernel id. */
  readonly starts: ReadonlyMap<string, Start>;
  /** Kernels whose end was told: the event and the kernel's own status may both bring the news. */
  readonly dead: ReadonlySet<string>;
}

export type NewsAction =
  | { readonly kind: 'heard'; readonly event: KernelEvent; readonly at: number }
  | { readonly kind: 'woke'; readonly at: number };

export type NewsEffect =
  | { readonly kind: 'wake-in'; readonly milliseconds: number }
  | { readonly kind: 'show-progress'; readonly kernelId: string; readonly message: string; readonly percent: number }
  | { readonly kind: 'end-progress'; readonly kernelId: string; readonly ready: boolean }
  | { readonly kind: 'reconnect'; readonly kernelId: string }
  | { readonly kind: 'tell-failure'; readonly event: Extract<KernelEvent, { kind: 'failed' }> }
  | { readonly kind: 'tell-death'; readonly event: Extract<KernelEvent, { kind: 'died' }> };

export const noNews: KernelNews = { starts: new Map(), dead: new Set() };

// A page that stays open for weeks must not remember every kernel it ever saw.
const mostDead = 256;

/**
 * @param patience how many milliseconds a start may take before it is shown: most take less, and what flashes by disturbs
 * @returns the next state, and what must be done, in order
 */
export function apply(news: KernelNews, action: NewsAction, patience: number): readonly [KernelNews, readonly NewsEffect[]] {
  return action.kind === 'woke' ? wake(news, action.at, patience) : hear(news, action.event, action.at, patience);
}

function hear(news: KernelNews, event: KernelEvent, at: number, patience: number): readonly [KernelNews, readonly NewsEffect[]] {
  const { kernelId } = event;
  const start = news.starts.get(kernelId);
  const ended: NewsEffect[] = start?.shown ? [{ kind: 'end-progress', kernelId, ready: event.kind === 'ready' }] : [];
  switch (event.kind) {
    case 'starting': {
      const next: Start = { since: start?.since ?? at, message: event.message, percent: event.percent, shown: start?.shown ?? false };
      const effects: NewsEffect[] = next.shown
        ? [progress(kernelId, next)]
        : start === undefined ? [{ kind: 'wake-in', milliseconds: patience }] : [];
      return [{ starts: withKey(news.starts, kernelId, next), dead: without(news.dead, kernelId) }, effects];
    }
    case 'ready':
      return [
        { starts: withoutKey(news.starts, kernelId), dead: without(news.dead, kernelId) },
        [...ended, { kind: 'reconnect', kernelId }]
      ];
    case 'failed':
      // Its status says dead, too; but what never ran did not die.
      return [{ starts: withoutKey(news.starts, kernelId), dead: remember(news.dead, kernelId) }, [...ended, { kind: 'tell-failure', event }]];
    case 'died':
      return [
        { starts: withoutKey(news.starts, kernelId), dead: remember(news.dead, kernelId) },
        news.dead.has(kernelId) ? ended : [...ended, { kind: 'tell-death', event }]
      ];
  }
}

function wake(news: KernelNews, at: number, patience: number): readonly [KernelNews, readonly NewsEffect[]] {
  let starts = news.starts;
  const effects: NewsEffect[] = [];
  for (const [kernelId, start] of news.starts) {
    if (!start.shown && at - start.since >= patience) {
      starts = withKey(starts, kernelId, { ...start, shown: true });
      effects.push(progress(kernelId, start));
    }
  }
  return [{ ...news, starts }, effects];
}

function progress(kernelId: string, start: Start): NewsEffect {
  return { kind: 'show-progress', kernelId, message: start.message, percent: start.percent };
}

function withKey<T>(map: ReadonlyMap<string, T>, key: string, value: T): ReadonlyMap<string, T> {
  return new Map(map).set(key, value);
}

function withoutKey<T>(map: ReadonlyMap<string, T>, key: string): ReadonlyMap<string, T> {
  return new Map([...map].filter(([other]) => other !== key));
}

function without(set: ReadonlySet<string>, value: string): ReadonlySet<string> {
  return new Set([...set].filter(other => other !== value));
}

function remember(set: ReadonlySet<string>, value: string): ReadonlySet<string> {
  return new Set([...set, value].slice(-mostDead));
}
