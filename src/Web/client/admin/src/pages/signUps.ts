import { button, h } from '../components/dom';
import type { Notice } from '../components/notice';
import { moment } from '../shared/text';
import type { Setting } from './page';

interface SignUp {
  readonly name: string;
  readonly created: string;
}

/** People who made an account and wait for a yes; nothing at all while nobody does. */
export function signUps({ api }: Setting, notice: Notice, changed: () => void): HTMLElement {
  const place = h('section', { 'aria-label': 'People who wait for approval' });
  const load = async (): Promise<void> => {
    const waiting = await api.json<SignUp[]>('hub/api/sign-ups');
    const decide = (name: string, method: 'POST' | 'DELETE', said: string): void =>
      void notice.watch(async () => {
        await api.send(method, `hub/api/sign-ups/${encodeURIComponent(name)}`);
        await load();
        changed();
        notice.say(`${name} ${said}.`);
      });
    place.replaceChildren(
      ...(waiting.length === 0
        ? []
        : [
            h('h2', {}, `${waiting.length} waiting for approval`),
            h(
              'ul',
              { class: 'rows' },
              ...waiting.map(({ name, created }) =>
                h(
                  'li',
                  {},
                  h('div', { class: 'what' }, h('span', {}, name), h('p', { class: 'hint' }, `since ${moment(created)}`)),
                  button('Approve', `Approve ${name}`, () => decide(name, 'POST', 'may sign in now')),
                  button('Refuse', `Refuse ${name}`, () => decide(name, 'DELETE', 'was refused'), true)
                )
              )
            )
          ])
    );
  };
  void notice.watch(load);
  return place;
}
