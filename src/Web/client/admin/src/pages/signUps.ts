import { confirmWithReason } from '../components/dialog';
import { button, h } from '../components/dom';
import type { Notice } from '../components/notice';
import { moment } from '../shared/text';
import type { Setting } from './page';

interface SignUp {
  readonly name: string;
  readonly created: string;
}

/** How often to look who has come: somebody waiting should not need a reload to be seen. */
const lookEvery = 5000;

/** People who made an account and wait for a yes; nothing at all while nobody does. */
export function signUps({ api }: Setting, notice: Notice, changed: () => void): HTMLElement {
  const place = h('section', { 'aria-label': 'People who wait for approval', 'aria-live': 'polite' });
  let shown = '[]';
  const load = async (): Promise<void> => {
    const waiting = await api.json<SignUp[]>('hub/api/sign-ups');
    // What is the same is left alone: a button must not go away under a finger.
    const now = JSON.stringify(waiting);
    if (now !== shown) {
      shown = now;
      draw(waiting);
    }
  };
  const decided = async (name: string, said: string): Promise<void> => {
    await load();
    changed();
    notice.say(`${name} ${said}.`);
  };
  const approve = (name: string): void =>
    void notice.watch(async () => {
      await api.send('POST', `hub/api/sign-ups/${encodeURIComponent(name)}`);
      await decided(name, 'may sign in now');
    });
  const refuse = (name: string): void =>
    void notice.watch(async () => {
      const reason = await confirmWithReason(`Refuse ${name}?`, 'The account they made is deleted.', 'Refuse', 'Reason, for the audit (may be empty)');
      if (reason !== null) {
        await api.send('DELETE', `hub/api/sign-ups/${encodeURIComponent(name)}`, reason === '' ? {} : { reason });
        await decided(name, 'was refused');
      }
    });
  const draw = (waiting: readonly SignUp[]): void =>
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
                  button('Approve', `Approve ${name}`, () => approve(name)),
                  button('Refuse', `Refuse ${name}`, () => refuse(name), true)
                )
              )
            )
          ])
    );
  void notice.watch(load);
  const timer = window.setInterval(() => {
    if (!place.isConnected) {
      window.clearInterval(timer);
    } else if (!document.hidden) {
      // A look that failed is made again; what somebody asked for says its own failures.
      void load().catch(() => undefined);
    }
  }, lookEvery);
  return place;
}
