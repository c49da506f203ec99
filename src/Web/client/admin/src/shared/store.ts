import type { KernelChanges, KernelRow, Overview, WallChanges, WallTile } from './models';
import { mergeTiles } from './wall';

/** All a page knows. Changed only by `apply`, which is pure: feed → store → view. */
export interface State {
  /** The line to the hub: `connecting` at first, `live`, or `away` while it is broken and being mended. */
  readonly line: 'connecting' | 'live' | 'away';
  readonly overview: Overview | null;
  readonly kernels: ReadonlyMap<string, KernelRow>;
  /** The tiles of a class by student. */
  readonly wall: ReadonlyMap<string, WallTile>;
  /** Whether kernels or tiles were told at all: none is something else than not yet. */
  readonly told: boolean;
  readonly filter: Filter;
}

export interface Filter {
  readonly text: string;
  readonly state: string;
  readonly sort: 'user' | 'path' | 'state' | 'last_activity' | 'memory' | 'cpu' | 'tabs';
  readonly descending: boolean;
  readonly page: number;
}

export type Event =
  | { readonly kind: 'line'; readonly line: State['line'] }
  | { readonly kind: 'overview'; readonly overview: Overview }
  | { readonly kind: 'kernels'; readonly changes: KernelChanges }
  | { readonly kind: 'wall'; readonly changes: WallChanges }
  | { readonly kind: 'filter'; readonly change: Partial<Filter> };

export const initial: State = {
  line: 'connecting',
  overview: null,
  kernels: new Map(),
  wall: new Map(),
  told: false,
  filter: { text: '', state: '', sort: 'user', descending: false, page: 0 }
};

export function apply(state: State, event: Event): State {
  switch (event.kind) {
    case 'line':
      return { ...state, line: event.line };
    case 'overview':
      return { ...state, overview: event.overview };
    case 'kernels':
      return { ...state, told: true, kernels: merge(state.kernels, event.changes) };
    case 'wall':
      return { ...state, told: true, wall: mergeTiles(state.wall, event.changes) };
    case 'filter':
      // Another question starts at its first page, unless it is about the page.
      return { ...state, filter: { ...state.filter, page: 0, ...event.change } };
  }
}

function merge(known: ReadonlyMap<string, KernelRow>, changes: KernelChanges): ReadonlyMap<string, KernelRow> {
  const next = new Map(changes.whole ? [] : known);
  for (const id of changes.gone) {
    next.delete(id);
  }
  for (const row of changes.rows) {
    next.set(row.id, row);
  }
  return next;
}

export const rowsPerPage = 100;

export interface Shown {
  readonly rows: readonly KernelRow[];
  readonly found: number;
  readonly page: number;
  readonly pages: number;
}

/** The rows a page of the table shows; a page that is no more is the last one. */
export function shown(state: State): Shown {
  const { text, sort, descending } = state.filter;
  const wanted = text.trim().toLowerCase();
  const rows = [...state.kernels.values()].filter(
    row =>
      (state.filter.state === '' || row.state === state.filter.state) &&
      (wanted === '' || `${row.user}\n${row.path}\n${row.kind}\n${row.id}`.toLowerCase().includes(wanted))
  );
  const direction = descending ? -1 : 1;
  rows.sort((one, other) => direction * compare(one[sort], other[sort]) || compare(one.user, other.user) || compare(one.id, other.id));
  const pages = Math.max(1, Math.ceil(rows.length / rowsPerPage));
  const page = Math.min(state.filter.page, pages - 1);
  return { rows: rows.slice(page * rowsPerPage, (page + 1) * rowsPerPage), found: rows.length, page, pages };
}

/** What is unknown comes before the least. */
function compare(one: string | number | null, other: string | number | null): number {
  if (one === other) {
    return 0;
  }
  if (one === null || other === null) {
    return one === null ? -1 : 1;
  }
  return one < other ? -1 : 1;
}
