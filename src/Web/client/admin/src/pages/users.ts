import { button, choice, h, search, setText } from '../components/dom';
import { confirm } from '../components/dialog';
import { Notice } from '../components/notice';
import { KeyedTable } from '../components/table';
import { each } from '../shared/bulk';
import type { UserPage, UserRow } from '../shared/models';
import { ago, moment } from '../shared/text';
import type { Setting } from './page';
import { signUps } from './signUps';
import { userDetails } from './userDetails';

const limit = 100;

/** Users, a page at a time from the database, with what can be done about one or many. */
export function usersPage(setting: Setting): void {
  const { root, place, api } = setting;
  const query = { name: '', state: '', sort: 'name', offset: 0 };
  const chosen = new Set<string>();
  let page: UserPage = { items: [], offset: 0, limit, total: 0 };
  let asked = 0;
  const notice = new Notice();
  const count = h('p', { class: 'hint', 'aria-live': 'polite' });

  const load = (change: Partial<typeof query> = {}): Promise<void> =>
    notice.watch(async () => {
      Object.assign(query, { offset: 0 }, change);
      const mine = ++asked;
      const found = await api.json<UserPage>(`hub/api/admin/users?${new URLSearchParams({ ...query, offset: `${query.offset}`, limit: `${limit}` })}`);
      // An older answer that comes later is of no use.
      if (mine === asked) {
        page = found;
        draw();
      }
    });
  const sortBy = (sort: string) => ({
    sort: () => void load({ sort: query.sort === sort ? `-${sort}` : sort }),
    sorted: () => (query.sort === sort ? ('ascending' as const) : query.sort === `-${sort}` ? ('descending' as const) : null)
  });
  const table = new KeyedTable<UserRow>(
    'Users',
    [
      { title: 'Choose', make: box },
      { title: 'Name', text: user => user.name, ...sortBy('name') },
      { title: 'Display name', text: user => user.display_name, kind: 'text' },
      { title: 'Role', text: user => (user.disabled ? 'disabled' : user.admin ? 'administrator' : 'user'), mark: user => (user.disabled ? 'state dead' : user.admin ? 'state' : '') },
      { title: 'Server', text: user => user.server ?? '' },
      { title: 'Kernels', text: user => `${user.kernels ?? ''}`, kind: 'number' },
      { title: 'Last activity', text: user => ago(user.last_activity, Date.now()), title2: user => (user.last_activity ? moment(user.last_activity) : ''), ...sortBy('last_activity') },
      { title: 'More', make: name => button('Details', `Details of ${name}`, () => void notice.watch(() => userDetails(setting, name))) }
    ],
    user => user.name
  );
  const back = button('Back', 'Back a page', () => void load({ offset: Math.max(0, query.offset - limit) }));
  const next = button('Next', 'Next page', () => void load({ offset: query.offset + limit }));
  const tools = h(
    'div',
    { class: 'tools', role: 'search' },
    search('Search by name', name => void load({ name })),
    choice('Show', [['', 'all'], ['running', 'with a running server'], ['admin', 'administrators'], ['disabled', 'disabled']], state => void load({ state }))
  );
  const many = h(
    'div',
    { class: 'tools', role: 'group', 'aria-label': 'With the chosen' },
    button('Choose all on this page', 'Choose all on this page', () => chooseAll(true)),
    button('Choose none', 'Choose none', () => chooseAll(false)),
    act('Start servers', null, 'start:servers', name => api.send('POST', `${of(name)}/server`)),
    act('Stop servers', 'Their kernels end, and everything in their memory is lost; notebooks stay.', 'delete:servers', name => api.send('DELETE', `${of(name)}/server`)),
    act('Disable', 'They cannot sign in any more, and what they have open ends.', 'admin:users', name => api.send('PATCH', of(name), { disabled: true })),
    act('Enable', null, 'admin:users', name => api.send('PATCH', of(name), { disabled: false })),
    act('Delete', 'Their accounts, tokens and sign-ins are gone for good, and their kernels end.', 'delete:users', name => api.send('DELETE', of(name)))
  );
  const waiting = place.scopes.has('admin:users') ? signUps(setting, notice, () => void load({ offset: query.offset })) : null;
  root.replaceChildren(...[waiting, tools, many, notice.element, table.element, count, h('div', { class: 'does' }, back, next)].filter(part => part !== null));

  function of(name: string): string {
    return `hub/api/users/${encodeURIComponent(name)}`;
  }

  function act(what: string, consequence: string | null, scope: string, does: (name: string) => Promise<unknown>): HTMLButtonElement | null {
    if (!place.scopes.has(scope)) {
      return null;
    }
    return button(
      what,
      `${what}, for the chosen`,
      () =>
        void notice.watch(async () => {
          const names = [...chosen];
          if (names.length === 0) {
            notice.say('Nobody is chosen.');
          } else if (consequence === null || (await confirm(`${what}: ${names.length === 1 ? names[0] : `${names.length} users`}?`, consequence, what))) {
            notice.say(`${what}: ${names.length} under way …`);
            const summary = await each(names, does);
            chosen.clear();
            await load({ offset: query.offset });
            notice.sum(what, summary);
          }
        }),
      consequence !== null
    );
  }

  function box(name: string): Node {
    const input = h('input', { type: 'checkbox', 'aria-label': `Choose ${name}`, change: () => void (input.checked ? chosen.add(name) : chosen.delete(name), tell()) });
    return input;
  }

  function chooseAll(choose: boolean): void {
    chosen.clear();
    if (choose) {
      page.items.forEach(user => chosen.add(user.name));
    }
    draw();
  }

  function tell(): void {
    const last = page.offset + page.items.length;
    setText(count, `${page.total === 0 ? 'Nobody' : `${page.offset + 1} to ${last} of ${page.total}`}; ${chosen.size} chosen.`);
  }

  function draw(): void {
    table.show(page.items);
    for (const input of table.element.querySelectorAll<HTMLInputElement>('input[type=checkbox]')) {
      input.checked = chosen.has(input.closest('tr')?.dataset['key'] ?? '');
    }
    back.disabled = page.offset === 0;
    next.disabled = page.offset + page.items.length >= page.total;
    tell();
  }
  void load();
}

