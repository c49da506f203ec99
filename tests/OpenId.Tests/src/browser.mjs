// A browser without a screen: cookies by host and path as browsers keep them, redirects one by one.
export class Browser {
  #cookies = new Map();

  /** One request; follows nothing. */
  async once(url, options = {}) {
    const at = new URL(url);
    const held = [...this.#cookies.values()].filter(one => at.pathname.startsWith(one.path)).map(one => `${one.name}=${one.value}`);
    const answer = await fetch(url, { ...options, redirect: 'manual', headers: { accept: 'text/html', cookie: held.join('; '), ...options.headers } });
    for (const line of answer.headers.getSetCookie()) {
      const [pair, ...rest] = line.split(';').map(part => part.trim());
      const [name, value] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
      const attribute = key => rest.find(part => part.toLowerCase().startsWith(key + '='))?.slice(key.length + 1);
      const path = attribute('path') ?? '/';
      const gone = attribute('max-age') === '0' || (attribute('expires') && new Date(attribute('expires')) < new Date());
      if (gone) this.#cookies.delete(name + path);
      else this.#cookies.set(name + path, { name, value, path });
    }
    return answer;
  }

  /** Follows redirects; where it ended, with the page. */
  async go(url, options = {}) {
    let [at, how] = [url, options];
    for (let i = 0; i < 20; i++) {
      const answer = await this.once(at, how);
      if (answer.status < 300 || answer.status > 399) return { url: at, status: answer.status, html: await answer.text() };
      await answer.arrayBuffer();
      [at, how] = [new URL(answer.headers.get('location'), at).href, {}];
    }
    throw new Error(`too many redirects, the last to ${at}`);
  }

  cookie(name) {
    return [...this.#cookies.values()].find(one => one.name === name)?.value;
  }

  /** Who the hub says this browser is; null when nobody. */
  async who(hub) {
    const answer = await this.once(`${hub.url}hub/api/user`, { headers: { accept: 'application/json', 'x-xsrftoken': this.cookie('_xsrf') ?? '' } });
    return answer.ok ? answer.json() : (await answer.arrayBuffer(), null);
  }
}
