// The front end's own client library with terminals: several connections, sizes, a hub that is killed under them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import coreutils from '@jupyterlab/coreutils';
import services from '@jupyterlab/services';
import WebSocket from 'ws';
import { startHub, waitUntil } from './hub.mjs';

const { ServerConnection, TerminalManager } = services;

// As the hub's page says it.
coreutils.PageConfig.setOption('terminalsAvailable', 'true');

for (const spawner of (process.env.HUB_TEST_SPAWNERS ?? 'docker,process').split(',')) {
  test(`terminals with the ${spawner} spawner`, async suite => {
    const hub = await startHub(`Hub:Spawner=${spawner}`);
    const serverSettings = ServerConnection.makeSettings({
      baseUrl: `${hub.url}user/admin/`, wsUrl: `${hub.url}user/admin/`.replace('http', 'ws'),
      appUrl: '/lab', token: hub.token, appendToken: true, WebSocket, fetch, Request, Headers,
    });
    const manager = new TerminalManager({ serverSettings });
    const step = (name, body) => suite.test(name, { timeout: 120_000 }, body);
    let terminal;
    let shown;
    try {
      await step('the manager is ready and a terminal starts', async () => {
        await manager.ready;
        assert.deepEqual([...manager.running()], []);
        terminal = await manager.startNew();
        shown = listen(terminal);
        assert.equal(terminal.name, '1');
        await waitUntil(() => terminal.connectionStatus === 'connected', 'the connection');
      });

      await step('a shell runs in the size it is told', async () => {
        terminal.send({ type: 'set_size', content: [41, 123, 500, 900] });
        terminal.send({ type: 'stdin', content: ['stty size; echo sum-$((40+2))\n'] });
        await waitUntil(() => shown().includes('sum-42'), 'the sum');
        assert.match(shown(), /41 123/);
      });

      await step('a second connection sees what was shown, and both hear what comes', async () => {
        await manager.refreshRunning();
        assert.deepEqual([...manager.running()].map(model => model.name), ['1']);
        const other = manager.connectTo({ model: { name: '1' } });
        const otherShown = listen(other);
        await waitUntil(() => otherShown().includes('sum-42'), 'the history');
        other.send({ type: 'stdin', content: ['echo both-$((1+1))\n'] });
        await waitUntil(() => shown().includes('both-2') && otherShown().includes('both-2'), 'both to hear it');
        other.dispose();
      });

      await step('a hub that is killed and comes back finds the terminal, and the connection finds both', async () => {
        terminal.send({ type: 'stdin', content: ['x=kept; echo set-$((1+1))\n'] });
        await waitUntil(() => shown().includes('set-2'), 'the variable');
        await hub.kill();
        await hub.start();
        await waitUntil(() => terminal.connectionStatus === 'connected', 'the connection to be back');
        terminal.send({ type: 'stdin', content: ['echo still-$x\n'] });
        await waitUntil(() => shown().includes('still-kept'), 'the variable to be there');
      });

      await step('a terminal of a name and a directory, and its end', async () => {
        await hub.call('user/admin/api/contents/lessons', { method: 'PUT', body: JSON.stringify({ type: 'directory' }) });
        const named = await manager.startNew({ name: 'class', cwd: 'lessons' });
        const namedShown = listen(named);
        named.send({ type: 'stdin', content: ['basename $PWD; exit\n'] });
        const disposed = new Promise(ok => named.disposed.connect(ok));
        await waitUntil(() => /\rlessons\r\n|\nlessons\r\n/.test(namedShown()), 'the directory');
        await disposed;
        await manager.shutdown('1');
        await manager.refreshRunning();
        assert.deepEqual([...manager.running()], []);
      });
    } finally {
      manager.dispose();
      await hub.stop();
    }
  });
}

/** What a terminal showed so far. */
function listen(terminal) {
  let all = '';
  terminal.messageReceived.connect((_, message) => {
    if (message.type === 'stdout') all += message.content[0];
  });
  return () => all;
}
