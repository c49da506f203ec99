/**
 * May somebody who holds these scopes do this to a server? It decides whether to offer something, no more: the hub decides whether it is done. Who is
 * in a group the page does not know, so what is held for a group is offered.
 */
export function mayReach(held: readonly string[], scope: string, user: string, server: string): boolean {
  return held.some(one => {
    const [name, filter] = one.split('!');
    return name === scope && (filter === undefined || filter === `user=${user}` || filter === `server=${user}/${server}` || filter.startsWith('group='));
  });
}
