import { confirm, show } from '../components/dialog';
import { button, h } from '../components/dom';
import type { Notice } from '../components/notice';
import type { KernelRow } from '../shared/models';
import { shownKernels } from '../shared/store';
import { ago, memory, moment, percent, share, span } from '../shared/text';
import { liveTable } from './liveTable';
import type { Setting } from './page';

const states = ['starting', 'idle', 'busy', 'restarting', 'dead'];

/** Everybody's kernels, live, with what can be done about one. */
export function kernelsPage(setting: Setting): void {
  const { place, api } = setting;
  const words = { rows: 'kernels', search: 'Owner, notebook or id', states: states.map(name => [name, name] as const) };
  liveTable<KernelRow>(setting, 'WatchKernels', words, state => state.kernels, shownKernels, (sortBy, rowOf, notice) => [
    { title: 'Owner', text: row => (row.server === '' ? row.user : `${row.user}/${row.server}`), ...sortBy('user') },
    { title: 'Notebook', text: row => row.path || '–', kind: 'text', title2: row => `${row.kind} · ${row.id}`, ...sortBy('path') },
    { title: 'State', text: row => row.state, mark: row => `state ${row.state}`, title2: row => row.reason ?? '', ...sortBy('state') },
    { title: 'Busy', text: busy, kind: 'text' },
    { title: 'Tabs', text: row => `${row.tabs}`, kind: 'number', ...sortBy('tabs') },
    { title: 'Processor', text: row => percent(row.cpu), kind: 'number', ...sortBy('cpu') },
    { title: 'Memory', text: row => memory(row.memory, row.memory_limit), share: row => share(row.memory, row.memory_limit), kind: 'number', ...sortBy('memory') },
    { title: 'Last activity', text: row => ago(row.last_activity, Date.now()), title2: row => moment(row.last_activity), ...sortBy('last_activity') },
    ...(place.scopes.has('access:servers') ? [{ title: 'Actions', make: (id: string) => actions(id, rowOf, notice) }] : [])
  ]);

  function actions(id: string, rowOf: (id: string) => KernelRow | undefined, notice: Notice): Node {
    const row = (): KernelRow | undefined => rowOf(id);
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
}

function busy(row: KernelRow): string {
  if (row.busy_since === null) {
    return row.reason ?? '';
  }
  const who = row.busy_for !== null ? ` for ${row.busy_for}` : '';
  return `${span(Date.now() - Date.parse(row.busy_since))}${who}${row.of > 1 ? `, cell ${row.cell} of ${row.of}` : ''}`;
}
