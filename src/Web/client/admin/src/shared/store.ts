import type { EnvironmentRow, KernelRow, Overview, ServerRow, WallChanges, WallTile } from './models';
import { merge, select, type Filter, type RowChanges, type Shown } from './rows';
import { mergeTiles } from './wall';

/** All a page knows. Changed only by `apply`, which is pure: feed → store → view. */
export interface State {
  /** The line to the hub: `connecting` at first, `live`, or `away` while it is broken and being mended. */
  readonly line: 'connecting' | 'live' | 'away';
  readonly overview: Overview | null;
  readonly kernels: ReadonlyMap<string, KernelRow>;
  readonly servers: ReadonlyMap<string, ServerRow>;
  /** What kernels can be started in, by name. */
  readonly environments: ReadonlyMap<string, EnvironmentRow>;
  /** The tiles of a class by student. */
  readonly wall: ReadonlyMap<string, WallTile>;
  /** Whether rows or tiles were told at all: none is something else than not yet. */
  readonly told: boolean;
  readonly filter: Filter;
}

export type Event =
  | { readonly kind: 'line'; readonly line: State['line'] }
  | { readonly kind: 'overview'; readonly overview: Overview }
  | { readonly kind: 'kernels'; readonly changes: RowChanges<KernelRow> }
  | { readonly kind: 'servers'; readonly changes: RowChanges<ServerRow> }
  | { readonly kind: 'environments'; readonly changes: RowChanges<EnvironmentRow> }
  | { readonly kind: 'wall'; readonly changes: WallChanges }
  | { readonly kind: 'waiting'; readonly count: number }
  | { readonly kind: 'filter'; readonly change: Partial<Filter> };

export const initial: State = {
  line: 'connecting',
  overview: null,
  kernels: new Map(),
  servers: new Map(),
  environments: new Map(),
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
    case 'servers':
      return { ...state, told: true, servers: merge(state.servers, event.changes) };
    case 'environments':
      return { ...state, told: true, environments: merge(state.environments, event.changes) };
    case 'wall':
      return { ...state, told: true, wall: mergeTiles(state.wall, event.changes) };
    case 'waiting':
      // The navigation's, which is no part of a page.
      return state;
    case 'filter':
      // Another question starts at its first page, unless it is about the page.
      return { ...state, filter: { ...state.filter, page: 0, ...event.change } };
  }
}

export function shownKernels(state: State): Shown<KernelRow> {
  return select(state.kernels.values(), state.filter, row => `${row.user}\n${row.path}\n${row.kind}\n${row.id}`, row => row.state);
}

export function shownServers(state: State): Shown<ServerRow> {
  return select(state.servers.values(), state.filter, row => `${row.user}\n${row.name}\n${row.id}`, doing);
}

/** What a server does, in a word that stands in its row and in the filter. */
export function doing(row: ServerRow): 'stopping' | 'busy' | 'idle' | 'empty' {
  return row.state === 'stopping' ? 'stopping' : row.busy > 0 ? 'busy' : row.kernels > 0 ? 'idle' : 'empty';
}
