/** Tables that are told what changed, and shown a page at a time. Pure. */

export interface Row {
  readonly id: string;
  readonly user: string;
}

export interface RowChanges<T extends { readonly id: string }> {
  readonly whole: boolean;
  readonly rows: readonly T[];
  readonly gone: readonly string[];
}

export interface Filter {
  readonly text: string;
  readonly state: string;
  /** The field rows are sorted by. */
  readonly sort: string;
  readonly descending: boolean;
  readonly page: number;
}

export interface Shown<T> {
  readonly rows: readonly T[];
  readonly found: number;
  readonly page: number;
  readonly pages: number;
}

export const rowsPerPage = 100;

export function merge<T extends { readonly id: string }>(known: ReadonlyMap<string, T>, changes: RowChanges<T>): ReadonlyMap<string, T> {
  const next = new Map(changes.whole ? [] : known);
  for (const id of changes.gone) {
    next.delete(id);
  }
  for (const row of changes.rows) {
    next.set(row.id, row);
  }
  return next;
}

/** The rows a page of the table shows; a page that is no more is the last one. */
export function select<T extends Row>(all: Iterable<T>, filter: Filter, textOf: (row: T) => string, stateOf: (row: T) => string): Shown<T> {
  const wanted = filter.text.trim().toLowerCase();
  const rows = [...all].filter(
    row => (filter.state === '' || stateOf(row) === filter.state) && (wanted === '' || textOf(row).toLowerCase().includes(wanted))
  );
  const direction = filter.descending ? -1 : 1;
  rows.sort(
    (one, other) =>
      direction * compare(field(one, filter.sort), field(other, filter.sort)) || compare(one.user, other.user) || compare(one.id, other.id)
  );
  const pages = Math.max(1, Math.ceil(rows.length / rowsPerPage));
  const page = Math.min(filter.page, pages - 1);
  return { rows: rows.slice(page * rowsPerPage, (page + 1) * rowsPerPage), found: rows.length, page, pages };
}

function field(row: object, name: string): string | number | null {
  const value = (row as Readonly<Record<string, unknown>>)[name];
  return typeof value === 'string' || typeof value === 'number' ? value : null;
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
