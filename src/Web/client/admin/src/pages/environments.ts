import { confirm } from '../components/dialog';
import { button, h, search, setText } from '../components/dom';
import { LiveLine } from '../components/live';
import { Notice } from '../components/notice';
import { KeyedTable } from '../components/table';
import { digest, limits, stateOf } from '../shared/environments';
import type { EnvironmentDetails, EnvironmentRow } from '../shared/models';
import { apply, initial, type State } from '../shared/store';
import { editEnvironment } from './environmentForm';
import type { Setting } from './page';

const marks = { unknown: 'state', preparing: 'state busy', ready: 'state idle', broken: 'state dead', off: 'state' } as const;

/** What kernels can be started in, live: made, changed and removed here where they were made here, prepared wherever they come from. */
export function environmentsPage({ root, api, follow }: Setting): void {
  let state: State = initial;
  let text = '';
  const line = new LiveLine();
  const notice = new Notice();
  const count = h('p', { class: 'hint', 'aria-live': 'polite' });
  /** Buttons that are there only in some states of their row. */
  const sometimes = new Map<string, { readonly take: HTMLButtonElement; readonly prepare: HTMLButtonElement; readonly renew: HTMLButtonElement }>();
  const path = (id: string, more = ''): string => `hub/api/environments/${encodeURIComponent(id)}${more}`;

  const table = new KeyedTable<EnvironmentRow>(
    'Environments',
    [
      { title: 'Name', text: row => row.id },
      { title: 'Shown as', text: row => row.display_name, kind: 'text' },
      { title: 'State', text: stateOf, mark: row => marks[row.state] },
      { title: 'What to know', text: remark, kind: 'text' },
      { title: 'Image', text: row => row.image ?? 'none', kind: 'text' },
      { title: 'Digest', text: row => (row.image_id === null ? '' : `${digest(row.image_id)}${row.pinned ? ', pinned' : ''}`), title2: row => row.image_id ?? '' },
      { title: 'Limits', text: limits, kind: 'text' },
      { title: 'For', text: row => (row.groups.length === 0 ? 'everybody' : row.groups.join(', ')), kind: 'text' },
      { title: 'From', text: row => row.origin },
      { title: 'Actions', make: actions }
    ],
    row => row.id
  );
  root.replaceChildren(
    line.element,
    h(
      'div',
      { class: 'tools', role: 'search' },
      search('Name, image or group', typed => {
        text = typed.toLowerCase();
        draw();
      }),
      button('New environment', 'Make a new environment', () => editEnvironment(api, null, row => notice.say(`${row.id} is made.`)))
    ),
    notice.element,
    table.element,
    count
  );

  function remark(row: EnvironmentRow): string {
    return row.moved ? 'The tag stands for another image now; kernels start from the one that is pinned.' : row.message;
  }

  function draw(): void {
    line.show(state.line);
    if (!state.told) {
      return;
    }
    const all = [...state.environments.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
    const rows = all.filter(row => `${row.id}\n${row.display_name}\n${row.image ?? ''}\n${row.groups.join('\n')}`.toLowerCase().includes(text));
    table.show(rows);
    setText(count, `${rows.length} of ${all.length} environments.`);
    for (const row of rows) {
      const buttons = sometimes.get(row.id);
      if (buttons !== undefined) {
        buttons.take.hidden = !(row.moved && row.origin === 'panel');
        buttons.prepare.hidden = row.image === null || row.state === 'ready';
        buttons.renew.hidden = row.image === null || row.state !== 'ready';
        buttons.prepare.disabled = row.state === 'preparing';
      }
    }
  }

  function actions(id: string): Node {
    const act = (said: string, does: () => Promise<unknown>): void =>
      void notice.watch(async () => {
        await does();
        notice.say(`${id}: ${said}.`);
      });
    const take = button('Take the new image', `Take the new image for ${id}`, () => act('kernels start from the new image from now on', () => api.send('POST', path(id, '/take'))));
    const prepare = button('Prepare', `Prepare ${id}`, () => act('its image is being prepared', () => api.send('POST', path(id, '/prepare'))));
    const renew = button('Renew image', `Pull or build the image of ${id} again`, () =>
      void notice.watch(async () => {
        const consequence = 'Its image is pulled or built again, which may take minutes; kernels that run keep theirs. Where the image is pinned, kernels stay with it until you take the new one.';
        if (await confirm(`Renew the image of ${id}?`, consequence, 'Renew')) {
          await api.send('POST', path(id, '/prepare'), { again: true });
          notice.say(`${id}: its image is being renewed.`);
        }
      })
    );
    sometimes.set(id, { take, prepare, renew });
    const edit = (): void =>
      void notice.watch(async () => editEnvironment(api, await api.json<EnvironmentDetails>(path(id)), row => notice.say(`${row.id} is changed.`)));
    const remove = (): void =>
      void notice.watch(async () => {
        if (await confirm(`Remove ${id}?`, 'Nobody can start a kernel in it any more; kernels that run in it run on.', 'Remove')) {
          await api.send('DELETE', path(id));
          notice.say(`${id} is removed.`);
        }
      });
    const ours = state.environments.get(id)?.origin === 'panel';
    return h(
      'div',
      { class: 'does' },
      take,
      prepare,
      renew,
      ours ? button('Edit', `Edit ${id}`, edit) : null,
      ours ? button('Remove', `Remove ${id}`, remove, true) : null
    );
  }

  follow('WatchEnvironments', event => {
    state = apply(state, event);
    draw();
  });
  draw();
}
