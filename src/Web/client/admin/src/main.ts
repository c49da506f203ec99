/** Takes over the table the server drew in #panel and keeps it live. */
import { Waiting } from './components/navigation';
import { classesPage } from './pages/classes';
import { environmentsPage } from './pages/environments';
import { eventsPage } from './pages/events';
import { kernelsPage } from './pages/kernels';
import { overviewPage } from './pages/overview';
import type { Setting } from './pages/page';
import { serversPage } from './pages/servers';
import { settingsPage } from './pages/settings';
import { usersPage } from './pages/users';
import { wallPage } from './pages/wall';
import { follow } from './shared/feed';
import { HubApi, type Place } from './shared/hubApi';

const pages: Readonly<Record<string, { readonly needs: string; readonly open: (setting: Setting) => void }>> = {
  overview: { needs: 'read:hub', open: overviewPage },
  classes: { needs: 'classes', open: classesPage },
  wall: { needs: 'classes', open: wallPage },
  servers: { needs: 'read:servers', open: serversPage },
  kernels: { needs: 'read:servers', open: kernelsPage },
  environments: { needs: 'admin:environments', open: environmentsPage },
  users: { needs: 'list:users', open: usersPage },
  events: { needs: 'read:audit', open: eventsPage },
  settings: { needs: 'read:hub', open: settingsPage }
};

const root = document.getElementById('panel');
if (root !== null) {
  const { base = '/', user = '', xsrf = '', scopes = '', view = '', item = '' } = root.dataset;
  // What a scope is limited to is the hub's to decide; here it only matters whether to offer something at all.
  const held = scopes.split(' ');
  const place: Place = { base, user, xsrf, held, scopes: new Set(held.map(scope => scope.split('!')[0] ?? '')) };
  const page = pages[view];
  if (page !== undefined && place.scopes.has(page.needs)) {
    const waiting = new Waiting(document);
    let followed = false;
    const watch: Setting['follow'] = (method, happened, ...about) => {
      followed = true;
      follow(place, method, event => (event.kind === 'waiting' ? waiting.show(event.count) : happened(event)), ...about);
    };
    page.open({ root, place, api: new HubApi(place), item, follow: watch });
    // Pages that show nothing else live have the line for the navigation, for who may see anything there.
    if (!followed && place.scopes.has('admin:users')) {
      watch('WatchNavigation', () => undefined);
    }
  }
}
