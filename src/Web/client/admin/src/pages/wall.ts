import { confirm } from '../components/dialog';
import { button, choice, h, search, setText } from '../components/dom';
import { LiveLine } from '../components/live';
import { Notice } from '../components/notice';
import { Tiles } from '../components/tiles';
import { ClassCalls, type Outcome } from '../shared/classCalls';
import type { WallTile } from '../shared/models';
import { apply, initial, type Event, type State } from '../shared/store';
import { ago, span } from '../shared/text';
import { doing, newHands, ordered, states, summary } from '../shared/wall';
import type { Setting } from './page';

/** One tile for each student of a class, live, with what a teacher can do for one or for all. */
export function wallPage({ root, place, api, item, follow }: Setting): void {
  const id = Number(item);
  const calls = new ClassCalls(api, place.base, id);
  let state: State = initial;
  let filter = { text: '', state: '' };
  let waiting = false;
  const line = new LiveLine();
  const notice = new Notice();
  const count = h('p', { class: 'hint sum' });
  const hands = h('p', { class: 'unseen', 'aria-live': 'polite' });

  const happen = (event: Event): void => {
    const before = state;
    state = apply(state, event);
    const raised = before.told ? newHands(before.wall, state.wall) : [];
    if (raised.length > 0) {
      setText(hands, `${raised.join(', ')} raised a hand.`);
    }
    if (!waiting) {
      waiting = true;
      requestAnimationFrame(() => {
        waiting = false;
        draw();
      });
    }
  };
  const tiles = new Tiles<WallTile>(
    'Students',
    tile => tile.user,
    tile => ({
      title: tile.name,
      small: tile.name === tile.user ? '' : tile.user,
      state: tile.state,
      doing: doing(tile, Date.now()),
      about: tile.notebook ?? '',
      when: tile.last_activity === null ? '' : `Active ${ago(tile.last_activity, Date.now())}`,
      call: tile.hand === null ? '' : `Hand up for ${span(Date.now() - Date.parse(tile.hand))}`
    }),
    tile => [
      { text: 'View', about: name => `View beside ${name}`, act: () => void visit(tile.user, 'viewer'), shown: tile.state !== 'listed' },
      { text: 'Help', about: name => `Help ${name} in their notebook`, act: () => void visit(tile.user, 'helper'), shown: tile.state !== 'listed' },
      { text: 'Lower hand', about: name => `Lower the hand of ${name}`, act: () => void notice.watch(() => calls.lower(tile.user)), shown: tile.hand !== null }
    ]
  );

  const message = h('input', { name: 'text', maxlength: '1000', required: true, autocomplete: 'off' });
  const file = h('input', { type: 'file', name: 'file', required: true });
  const folder = h('input', { name: 'folder', maxlength: '200', autocomplete: 'off' });
  root.replaceChildren(
    line.element,
    hands,
    h(
      'div',
      { class: 'tools', role: 'group', 'aria-label': 'For everybody' },
      button("Start everybody's kernel", "Start everybody's kernel now", () => all('Start', null, () => calls.start())),
      button('Hand out materials', 'Hand out the materials again', () => all('Hand out', null, () => calls.handOut())),
      button('Stop all', 'Stop the servers of all students', () => all('Stop all', 'Everything in the memory of their kernels is lost; notebooks stay.', () => calls.stop()), true)
    ),
    // On a phone the students come first, and this waits behind a line.
    h(
      'details',
      { class: 'more', open: window.matchMedia('(min-width: 48rem)').matches },
      h('summary', {}, 'A message or a file for everybody'),
      h(
        'div',
        { class: 'tools' },
        form('Message to everybody', [h('label', {}, 'Message to everybody', message)], 'Send', async () => {
          await calls.tell(message.value);
          message.value = '';
          notice.say('The message is on everybody\u2019s screen.');
        }),
        form('Hand out a file', [h('label', {}, 'File for everybody', file), h('label', {}, 'Into the folder (optional)', folder)], 'Hand out', async () => {
          const chosen = file.files?.[0];
          if (chosen !== undefined) {
            tell('Hand out', await calls.give(chosen, folder.value.trim()));
            file.value = '';
          }
        })
      )
    ),
    notice.element,
    h(
      'div',
      { class: 'tools', role: 'search' },
      search('Find a student', text => show({ text })),
      choice('Show', states, chosen => show({ state: chosen })),
      count
    ),
    tiles.element
  );

  function form(label: string, fields: readonly HTMLElement[], does: string, act: () => Promise<void>): HTMLFormElement {
    const send = h('button', { type: 'submit' }, does);
    return h(
      'form',
      {
        class: 'inline',
        'aria-label': label,
        submit: event => {
          event.preventDefault();
          void busy(send, act);
        }
      },
      ...fields,
      send
    );
  }

  function all(what: string, consequence: string | null, act: () => Promise<Outcome>): void {
    void notice.watch(async () => {
      if (consequence !== null && !(await confirm(`${what}: ${state.wall.size} students?`, consequence, what))) {
        return;
      }
      notice.say(`${what} …`);
      tell(what, await act());
    });
  }

  function tell(what: string, outcome: Outcome): void {
    notice.say(`${what}: ${outcome.text}`);
    if (outcome.people.length > 0) {
      notice.element.append(h('ul', {}, ...outcome.people.map(one => h('li', {}, one))));
    }
  }

  async function busy(send: HTMLButtonElement, act: () => Promise<void>): Promise<void> {
    send.disabled = true;
    await notice.watch(act);
    send.disabled = false;
  }

  /** The tab is opened at the click, since browsers block one that comes later; it learns its address when the hub has made the visit. */
  async function visit(user: string, role: 'viewer' | 'helper'): Promise<void> {
    const tab = window.open('', '_blank');
    await notice.watch(async () => {
      try {
        const address = await calls.visit(user, role, state.wall.get(user)?.notebook ?? null);
        if (tab === null) {
          notice.say('The browser kept the new tab closed: ');
          notice.element.append(h('a', { href: address, target: '_blank', rel: 'noopener' }, `open ${user}`));
          return;
        }
        tab.opener = null;
        tab.location.href = address;
      } catch (error) {
        tab?.close();
        throw error;
      }
    });
  }

  function show(change: Partial<typeof filter>): void {
    filter = { ...filter, ...change };
    draw();
  }

  function draw(): void {
    line.show(state.line);
    if (!state.told) {
      return;
    }
    tiles.show(ordered(state.wall, filter.text, filter.state), state.wall.size === 0 ? 'Nobody is in the class yet.' : 'Nobody like this.');
    setText(count, summary(state.wall));
  }
  // Times grow old by themselves.
  setInterval(draw, 5000);
  follow('WatchWall', happen, id);
  draw();
}
