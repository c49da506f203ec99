// A network between a client and the hub that can be cut: every connection breaks, and new ones are refused until it is mended.
import { connect, createServer } from 'node:net';

export function startProxy(target) {
  const open = new Set();
  let isCut = false;
  const server = createServer(client => {
    if (isCut) return void client.destroy();
    const hub = connect(target, '127.0.0.1');
    for (const [end, other] of [[client, hub], [hub, client]]) {
      open.add(end);
      end.on('error', () => {}).on('close', () => { open.delete(end); other.destroy(); });
      end.pipe(other);
    }
  });
  return new Promise(ok => server.listen(0, '127.0.0.1', () => ok({
    port: server.address().port,
    cut() { isCut = true; for (const end of open) end.resetAndDestroy(); },
    mend() { isCut = false; },
    stop() { this.cut(); return new Promise(done => server.close(done)); },
  })));
}
