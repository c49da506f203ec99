import { button, choice, h, search, setText } from '../components/dom';
import { Notice } from '../components/notice';
import { KeyedTable } from '../components/table';
import { HubError } from '../shared/hubApi';
import type { Setting as Row } from '../shared/models';
import type { Setting } from './page';

/** The settings in force, without secrets, and whether the hub is well. */
export function settingsPage({ root, api }: Setting): void {
  let rows: readonly Row[] = [];
  const filter = { text: '', changed: false };
  const notice = new Notice();
  const health = h('pre', { 'aria-live': 'polite' }, '…');
  const table = new KeyedTable<Row>(
    'Settings in force',
    [
      { title: 'Setting', text: row => row.key },
      { title: 'Value', text: row => row.value || '–', kind: 'text' },
      { title: 'Differs from the default', text: row => (row.changed ? 'yes' : '') },
      { title: 'Meaning', text: row => row.meaning, kind: 'text' }
    ],
    row => row.key
  );
  const draw = (change: Partial<typeof filter> = {}): void => {
    Object.assign(filter, change);
    const text = filter.text.toLowerCase();
    table.show(rows.filter(row => (!filter.changed || row.changed) && `${row.key} ${row.value} ${row.meaning}`.toLowerCase().includes(text)));
  };
  const look = async (): Promise<void> => {
    try {
      setText(health, (await api.text('health/ready')).trim());
    } catch (error) {
      setText(health, error instanceof HubError ? `Not ready: ${error.message}` : 'The hub does not answer.');
    }
  };
  root.replaceChildren(
    h('h2', {}, 'Health'),
    health,
    button('Ask again', 'Ask again whether the hub is well', () => void look()),
    h('h2', {}, 'Settings in force'),
    h(
      'div',
      { class: 'tools', role: 'search' },
      search('Search', text => draw({ text })),
      choice('Show', [['', 'all'], ['changed', 'what differs from the default']], value => draw({ changed: value === 'changed' }))
    ),
    notice.element,
    table.element
  );
  void look();
  void notice.watch(async () => {
    rows = await api.json<Row[]>('hub/api/admin/settings');
    draw();
  });
}
