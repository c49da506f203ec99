import { button, choice, h, search, setText } from '../components/dom';
import { Notice } from '../components/notice';
import { KeyedTable } from '../components/table';
import type { AuditRecord } from '../shared/models';
import { moment } from '../shared/text';
import type { Setting } from './page';

const limit = 100;
const day = 24 * 3600_000;

/** Who did what to whom, newest first, with filters and all of it as a file. */
export function eventsPage({ root, api }: Setting): void {
  const query = { kind: '', by: '', user: '', since: '' };
  let records: AuditRecord[] = [];
  let asked = 0;
  const notice = new Notice();
  const count = h('p', { class: 'hint', 'aria-live': 'polite' });
  const wanted = (): URLSearchParams => new URLSearchParams(Object.entries(query).filter(([, value]) => value !== ''));

  const load = (more: boolean): Promise<void> =>
    notice.watch(async () => {
      const mine = ++asked;
      const last = more ? records.at(-1) : undefined;
      const search = wanted();
      search.set('order', 'newest');
      search.set('limit', `${limit}`);
      if (last !== undefined) {
        search.set('before', `${last.number}`);
      }
      const found = (await api.json<{ records: AuditRecord[] }>(`hub/api/audit?${search}`)).records;
      if (mine === asked) {
        records = more ? [...records, ...found] : found;
        table.show(records);
        older.hidden = found.length < limit;
        setText(count, `${records.length} shown.`);
      }
    });
  const filter = (change: Partial<typeof query>): void => {
    Object.assign(query, change);
    void load(false);
  };
  const table = new KeyedTable<AuditRecord>(
    'Events',
    [
      { title: 'When', text: record => moment(record.at) },
      { title: 'What', text: record => record.kind },
      { title: 'Who', text: record => record.by || '–' },
      { title: 'Whom', text: record => record.user || '–' },
      { title: 'Detail', text: record => detail(record.detail), kind: 'text' }
    ],
    record => `${record.number}`
  );
  const older = button('Older', 'Show older events', () => void load(true));
  const back = (milliseconds: number): string => (milliseconds === 0 ? '' : new Date(Date.now() - milliseconds).toISOString());
  root.replaceChildren(
    h(
      'div',
      { class: 'tools', role: 'search' },
      search('What, such as signed-in', kind => filter({ kind })),
      search('Who did it', by => filter({ by })),
      search('Whom it concerns', user => filter({ user })),
      choice('Since', [['0', 'ever'], [`${day / 24}`, 'an hour ago'], [`${day}`, 'a day ago'], [`${7 * day}`, 'a week ago']], since => filter({ since: back(Number(since)) })),
      button('Load again', 'Load again', () => void load(false)),
      button('Export', 'Export what is filtered, a JSON object a line', () =>
        void notice.watch(async () => {
          const search = wanted();
          search.set('format', 'ndjson');
          const url = URL.createObjectURL(new Blob([await api.text(`hub/api/audit?${search}`)], { type: 'application/x-ndjson' }));
          h('a', { href: url, download: 'audit.ndjson' }).click();
          setTimeout(() => URL.revokeObjectURL(url), 10_000);
        })
      )
    ),
    notice.element,
    table.element,
    count,
    older
  );
  void load(false);
}

function detail(of: unknown): string {
  if (of === null || typeof of !== 'object') {
    return String(of ?? '');
  }
  return Object.entries(of)
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
}
