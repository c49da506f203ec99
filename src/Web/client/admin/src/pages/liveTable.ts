import { button, choice, h, search, setText } from '../components/dom';
import { LiveLine } from '../components/live';
import { Notice } from '../components/notice';
import { KeyedTable, type Column } from '../components/table';
import type { Row, Shown } from '../shared/rows';
import { apply, initial, type Event, type State } from '../shared/store';
import type { Setting } from './page';

export interface Words {
  /** What the rows are, in the plural. */
  readonly rows: string;
  readonly search: string;
  readonly states: readonly (readonly [string, string])[];
}

/** How a column can be sorted by. */
export type SortBy = (field: string) => Pick<Column<never>, 'sort' | 'sorted'>;

/** A table of everything of a kind, live: searched, filtered, sorted and cut in the page, drawn once a frame at most. */
export function liveTable<T extends Row>(
  { root, follow }: Setting,
  method: 'WatchKernels' | 'WatchServers',
  words: Words,
  rowsOf: (state: State) => ReadonlyMap<string, T>,
  shown: (state: State) => Shown<T>,
  columns: (sortBy: SortBy, rowOf: (id: string) => T | undefined, notice: Notice) => readonly Column<T>[]
): void {
  let state: State = initial;
  let waiting = false;
  const line = new LiveLine();
  const notice = new Notice();
  const count = h('p', { class: 'hint', 'aria-live': 'polite' });

  const happen = (event: Event): void => {
    state = apply(state, event);
    if (!waiting) {
      // However much comes, the page is drawn once a frame.
      waiting = true;
      requestAnimationFrame(() => {
        waiting = false;
        draw();
      });
    }
  };
  const sortBy: SortBy = field => ({
    sort: () => happen({ kind: 'filter', change: { sort: field, descending: state.filter.sort === field && !state.filter.descending } }),
    sorted: () => (state.filter.sort === field ? (state.filter.descending ? 'descending' : 'ascending') : null)
  });
  const table = new KeyedTable<T>(`${words.rows.charAt(0).toUpperCase()}${words.rows.slice(1)}`, columns(sortBy, id => rowsOf(state).get(id), notice), row => row.id);
  const back = button('Back', 'Back a page', () => happen({ kind: 'filter', change: { page: shown(state).page - 1 } }));
  const next = button('Next', 'Next page', () => happen({ kind: 'filter', change: { page: shown(state).page + 1 } }));
  root.replaceChildren(
    line.element,
    h(
      'div',
      { class: 'tools', role: 'search' },
      search(words.search, text => happen({ kind: 'filter', change: { text } })),
      choice('State', [['', 'all'], ...words.states], name => happen({ kind: 'filter', change: { state: name } }))
    ),
    notice.element,
    table.element,
    count,
    h('div', { class: 'does' }, back, next)
  );

  function draw(): void {
    line.show(state.line);
    if (!state.told) {
      return;
    }
    const now = shown(state);
    table.show(now.rows);
    setText(count, `${now.found} of ${rowsOf(state).size} ${words.rows}${now.pages > 1 ? `, page ${now.page + 1} of ${now.pages}` : ''}.`);
    back.disabled = now.page === 0;
    next.disabled = now.page >= now.pages - 1;
    back.hidden = next.hidden = now.pages === 1;
  }
  // Times grow old by themselves.
  setInterval(draw, 5000);
  follow(method, happen);
  draw();
}
