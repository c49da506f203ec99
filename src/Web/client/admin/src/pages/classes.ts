import { h, setText } from '../components/dom';
import { Notice } from '../components/notice';
import { KeyedTable } from '../components/table';
import type { ClassInfo } from '../shared/models';
import { moment } from '../shared/text';
import type { Setting } from './page';

/** Classes the reader manages, each with its live wall. */
export function classesPage({ root, place, api }: Setting): void {
  const notice = new Notice();
  const count = h('p', { class: 'hint', 'aria-live': 'polite' });
  let known = new Map<string, ClassInfo>();
  const table = new KeyedTable<ClassInfo>(
    'Classes',
    [
      { title: 'Class', text: one => one.name, kind: 'text' },
      { title: 'Wall', make: id => h('a', { href: `${place.base}hub/admin/classes/${id}`, 'aria-label': `Live wall of ${known.get(id)?.name ?? id}` }, 'Live wall') },
      { title: 'Settings', make: id => h('a', { href: `${place.base}hub/classes/${id}`, 'aria-label': `Code, people and materials of ${known.get(id)?.name ?? id}` }, 'Code, people') },
      { title: 'Teachers', text: one => one.teachers.join(', '), kind: 'text' },
      { title: 'Students', text: one => `${one.students} of ${one.capacity}`, kind: 'number' },
      { title: 'State', text: one => (one.ended ? 'over' : one.code?.good ? 'open to join' : 'closed to join'), mark: one => (one.ended ? 'state' : 'state idle') },
      { title: 'Ends', text: one => (one.closes ? moment(one.closes) : 'when its teacher ends it') }
    ],
    one => `${one.id}`
  );
  root.replaceChildren(notice.element, table.element, count);
  void notice.watch(async () => {
    // Who only is a student of a class sees no code of it, and nothing of it here.
    const all = (await api.json<ClassInfo[]>('hub/api/classes?limit=200')).filter(one => one.code !== undefined);
    known = new Map(all.map(one => [`${one.id}`, one]));
    table.show(all);
    setText(count, `${all.length} ${all.length === 1 ? 'class' : 'classes'}.`);
  });
}
