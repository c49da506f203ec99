import { button, choice, h, search, setText } from '../components/dom';
import { confirm, show } from '../components/dialog';
import { LiveLine } from '../components/live';
import { Notice } from '../components/notice';
import { KeyedTable } from '../components/table';
import { follow } from '../shared/feed';
import type { KernelRow } from '../shared/models';
import { apply, initial, shown, type Event, type Filter, type State } from '../shared/store';
import { ago, bytes, moment, percent, span } from '../shared/text';
import type { Setting } from './page';

/** Everybody's kernels, live, with what can be done about one. */
export function kernelsPage({ root, place, api }: Setting): void {
  let state: State = initial;
  let waiting = false;
  const line = new LiveLine();
  const notice = new Notice();
  const count = h('p', { class: 'hint', 'aria-live': 'polite' });
  const mayAct = place.scopes.has('access:servers');

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
  const sortBy = (sort: Filter['sort']) => ({
    sort: () => happen({ kind: 'filter', change: { sort, descending: state.filter.sort === sort && !state.filter.descending } }),
    sorted: () => (state.filter.sort === sort ? (state.filter.descending ? ('descending' as const) : ('ascending' as const)) : null)
  });
  const table = new KeyedTable<KernelRow>(
    'Kernels',
    [
      { title: 'Owner', text: row => row.user, ...sortBy('user') },
      { title: 'Notebook', text: row => row.path || '–', kind: 'text', title2: row => `${row.kind} · ${row.id}`, ...sortBy('path') },
      { title: 'State', text: row => row.state, mark: row => `state ${row.state}`, title2: row => row.reason ?? '', ...sortBy('state') },
      { title: 'Busy', text: busy, kind: 'text' },
      { title: 'Tabs', text: row => `${row.tabs}`, kind: 'number', ...sortBy('tabs') },
      { title: 'Processor', text: row => percent(row.cpu), kind: 'number', ...sortBy('cpu') },
      { title: 'Memory', text: row => bytes(row.memory), kind: 'number', ...sortBy('memory') },
      { title: 'Last activity', text: row => ago(row.last_activity, Date.now()), title2: row => moment(row.last_activity), ...sortBy('last_activity') },
      ...(mayAct ? [{ title: 'Actions', make: actions }] : [])
    ],
    row => row.id
  );
  const back = button('Back', 'Back a page', () => happen({ kind: 'filter', change: { page: shown(state).page - 1 } }));
  const next = button('Next', 'Next page', () => happen({ kind: 'filter', change: { page: shown(state).page + 1 } }));
  root.replaceChildren(
    line.element,
    h(
      'div',
      { class: 'tools', role: 'search' },
      search('Owner, notebook or id', text => happen({ kind: 'filter', change: { text } })),
      choice('State', [['', 'all'], ...['starting', 'idle', 'busy', 'restarting', 'dead'].map(name => [name, name] as const)], name => happen({ kind: 'filter', change: { state: name } }))
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
    setText(count, `${now.found} of ${state.kernels.size} kernels${now.pages > 1 ? `, page ${now.page + 1} of ${now.pages}` : ''}.`);
    back.disabled = now.page === 0;
    next.disabled = now.page >= now.pages - 1;
    back.hidden = next.hidden = now.pages === 1;
  }

  function actions(id: string): Node {
    const row = (): KernelRow | undefined => state.kernels.get(id);
    const named = (): string => `${row()?.path || 'kernel'} of ${row()?.user ?? '?'}`;
    const address = (): string => `hub/api/users/${encodeURIComponent(row()?.user ?? '')}/kernels/${encodeURIComponent(id)}`;
    const ask = (verb: string, consequence: string, act: () => Promise<unknown>): void =>
      void notice.watch(async () => {
        const name = named();
        if (await confirm(`${verb} ${name}?`, consequence, verb)) {
          await act();
          notice.say(`${verb}: ${name}: done.`);
        }
      });
    return h(
      'div',
      { class: 'does' },
      button('Interrupt', `Interrupt ${named()}`, () => ask('Interrupt', 'What runs now stops; variables stay.', () => api.send('POST', `${address()}/interrupt`))),
      button('Restart', `Restart ${named()}`, () => ask('Restart', 'Everything in its memory is lost; the notebook stays.', () => api.send('POST', `${address()}/restart`))),
      button('Stop', `Stop ${named()}`, () => ask('Stop', 'The kernel ends and everything in its memory is lost; the notebook stays.', () => api.send('DELETE', address())), true),
      button('Log', `Log of ${named()}`, () =>
        void notice.watch(async () => {
          const text = await api.text(`${address()}/log`);
          show(`Log of ${named()}`, h('pre', { tabindex: '0' }, text || 'The kernel wrote nothing.'));
        })
      )
    );
  }
  // Times grow old by themselves.
  setInterval(draw, 5000);
  follow(place, 'WatchKernels', happen);
  draw();
}

function busy(row: KernelRow): string {
  if (row.busy_since === null) {
    return row.reason ?? '';
  }
  const who = row.busy_for !== null ? ` for ${row.busy_for}` : '';
  return `${span(Date.now() - Date.parse(row.busy_since))}${who}${row.of > 1 ? `, cell ${row.cell} of ${row.of}` : ''}`;
}
