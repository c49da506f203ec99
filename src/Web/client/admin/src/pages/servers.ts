import { confirm } from '../components/dialog';
import { button, h } from '../components/dom';
import type { Notice } from '../components/notice';
import type { ServerRow } from '../shared/models';
import { mayReach } from '../shared/reach';
import { doing, shownServers } from '../shared/store';
import { ago, memory, moment, percent, share } from '../shared/text';
import { liveTable } from './liveTable';
import type { Setting } from './page';

const states = [['busy', 'a cell runs'], ['idle', 'kernels are idle'], ['empty', 'no kernel'], ['stopping', 'stopping']] as const;

/** Everybody's started servers, live, with what their kernels come to. */
export function serversPage(setting: Setting): void {
  const { place, api } = setting;
  const words = { rows: 'servers', search: 'Owner or name', states };
  liveTable<ServerRow>(setting, 'WatchServers', words, state => state.servers, shownServers, (sortBy, rowOf, notice) => [
    { title: 'Owner', text: row => row.user, ...sortBy('user') },
    { title: 'Name', text: row => row.name || 'default', kind: 'text', ...sortBy('name') },
    { title: 'State', text: row => (doing(row) === 'empty' ? 'no kernel' : doing(row)), mark: row => `state ${doing(row)}` },
    { title: 'Started', text: row => ago(row.started, Date.now()), title2: row => moment(row.started), ...sortBy('started') },
    { title: 'Kernels', text: row => `${row.kernels}`, kind: 'number', ...sortBy('kernels') },
    { title: 'Tabs', text: row => `${row.tabs}`, kind: 'number', ...sortBy('tabs') },
    { title: 'Processor', text: row => percent(row.cpu), kind: 'number', ...sortBy('cpu') },
    { title: 'Memory', text: row => memory(row.memory, row.memory_limit), share: row => share(row.memory, row.memory_limit), kind: 'number', ...sortBy('memory') },
    { title: 'Last activity', text: row => ago(row.last_activity, Date.now()), title2: row => moment(row.last_activity), ...sortBy('last_activity') },
    ...(place.scopes.has('access:servers') || place.scopes.has('delete:servers') ? [{ title: 'Actions', make: (id: string) => actions(id, rowOf, notice) }] : [])
  ]);

  function actions(id: string, rowOf: (id: string) => ServerRow | undefined, notice: Notice): Node {
    const row = rowOf(id);
    if (row === undefined) {
      return h('div');
    }
    const { user, name } = row;
    const named = name === '' ? `the server of ${user}` : `the server ${name} of ${user}`;
    const may = (scope: string): boolean => mayReach(place.held, scope, user, name);
    const path = `${encodeURIComponent(user)}/${name === '' ? '' : `${encodeURIComponent(name)}/`}`;
    const open = (): void => void window.open(`${place.base}user/${path}lab`, '_blank', 'noopener');
    const openAs = (): void =>
      void notice.watch(async () => {
        const consequence = `You work with ${user}'s files and kernels as if they were yours, and the audit keeps that you were there. To look in on a student, use the wall of the class: it shows them that you are there.`;
        if (user === place.user || (await confirm(`Open ${named}?`, consequence, 'Open'))) {
          open();
        }
      });
    const stop = (): void =>
      void notice.watch(async () => {
        if (await confirm(`Stop ${named}?`, 'Its kernels end and everything in their memory is lost; notebooks stay.', 'Stop')) {
          await api.send('DELETE', `hub/api/users/${encodeURIComponent(user)}/${name === '' ? 'server' : `servers/${encodeURIComponent(name)}`}`);
          notice.say(`Stop: ${named}: done.`);
        }
      });
    return h(
      'div',
      { class: 'does' },
      may('access:servers') ? button('Open', `Open ${named}`, openAs) : null,
      may('delete:servers') ? button('Stop', `Stop ${named}`, stop, true) : null
    );
  }
}
