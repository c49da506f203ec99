import { button, h } from '../components/dom';
import { show } from '../components/dialog';
import { Notice } from '../components/notice';
import { moment } from '../shared/text';
import { HubError } from '../shared/hubApi';
import type { Setting } from './page';

interface Token {
  readonly id: string;
  readonly note: string | null;
  readonly last_activity: string | null;
  readonly expires_at: string | null;
  readonly scopes: readonly string[];
}

interface SignIn {
  readonly id: string;
  readonly created: string;
  readonly last_activity: string;
  readonly address: string | null;
  readonly browser: string | null;
}

/** Sign-ins and tokens of one user, and a link to set a password. */
export async function userDetails({ place, api }: Setting, name: string): Promise<void> {
  const of = `hub/api/users/${encodeURIComponent(name)}`;
  const notice = new Notice();
  const signIns = place.scopes.has('admin:users') ? await api.json<SignIn[]>(`${of}/sign-ins`) : [];
  const tokens = place.scopes.has('read:tokens') ? await tokensOf() : [];
  // Whoever may see their own tokens need not see those of others: which scope reaches whom is the hub's to say.
  async function tokensOf(): Promise<Token[]> {
    try {
      return (await api.json<{ api_tokens: Token[] }>(`${of}/tokens`)).api_tokens ?? [];
    } catch (error) {
      if (error instanceof HubError && (error.status === 403 || error.status === 404)) {
        return [];
      }
      throw error;
    }
  }
  const tokenItem = (token: Token): HTMLElement => {
    const item = h('li', {}, `${token.note || token.id}: used ${token.last_activity ? moment(token.last_activity) : 'never'}, ends ${token.expires_at ? moment(token.expires_at) : 'never'} `);
    if (place.scopes.has('tokens')) {
      item.append(
        button('Revoke', `Revoke ${token.note || token.id} of ${name}`, () =>
          void notice.watch(async () => {
            await api.send('DELETE', `${of}/tokens/${encodeURIComponent(token.id)}`);
            item.remove();
            notice.say('The token was revoked.');
          })
        )
      );
    }
    return item;
  };
  const signInItem = (one: SignIn): HTMLElement => {
    const where = `${one.browser ?? 'a browser'}${one.address ? ` from ${one.address}` : ''}`;
    const item = h('li', {}, `${where}, since ${moment(one.created)}, last used ${moment(one.last_activity)} `);
    item.append(
      button('End', `End the sign-in of ${name} by ${where}`, () =>
        void notice.watch(async () => {
          await api.send('DELETE', `${of}/sign-ins/${encodeURIComponent(one.id)}`);
          item.remove();
          notice.say('The sign-in has ended.');
        })
      )
    );
    return item;
  };
  show(
    name,
    h('h3', {}, `Signed in ${signIns.length} times`),
    h('ul', {}, ...signIns.map(signInItem)),
    h('h3', {}, `${tokens.length} tokens`),
    h('ul', {}, ...tokens.map(tokenItem)),
    place.scopes.has('admin:users')
      ? button('Make a password link', `Make a password link for ${name}`, () =>
          void notice.watch(async () => {
            const made = (await api.send('POST', `${of}/password-link`, {})) as { full_url: string; expires_at: string };
            notice.say(`Give this to ${name}; it works once, until ${moment(made.expires_at)}: `);
            notice.element.append(h('code', { class: 'secret', tabindex: '0' }, made.full_url));
          })
        )
      : null,
    place.scopes.has('admin:users')
      ? button('Reset two-step sign-in', `Reset two-step sign-in of ${name}`, () =>
          void notice.watch(async () => {
            await api.send('DELETE', `${of}/totp`);
            notice.say(`${name} signs in with the password alone from now on, or sets up a new app.`);
          })
        )
      : null,
    notice.element
  );
}
