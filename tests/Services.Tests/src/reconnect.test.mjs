// The front end's own client library loses its connection, or its hub, in the middle of a cell, and misses nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import services from '@jupyterlab/services';
import { startHub, waitUntil } from './hub.mjs';
import { NumberedSocket } from './numbered-socket.mjs';
import { startProxy } from './proxy.mjs';

const { KernelManager, ServerConnection } = services;
const lines = 100;
const expected = Array.from({ length: lines }, (_, index) => `line ${index}`);
const slowly = `import time\nfor i in range(${lines}):\n    print("line", i, flush=True)\n    time.sleep(0.05)`;

test('a connection or a hub that is lost in the middle of a cell', async suite => {
  const hub = await startHub('Hub:Spawner=process');
  const proxy = await startProxy(hub.port);
  const serverSettings = ServerConnection.makeSettings({
    baseUrl: `http://127.0.0.1:${proxy.port}/user/admin/`, wsUrl: `ws://127.0.0.1:${proxy.port}/user/admin/`,
    appUrl: '/lab', token: hub.token, appendToken: true, WebSocket: NumberedSocket, fetch, Request, Headers,
  });
  const kernels = new KernelManager({ serverSettings });
  const kernel = await kernels.startNew({ name: 'python3' });
  await kernel.info;
  const step = (name, body, options = {}) => suite.test(name, { timeout: 120_000, ...options }, body);

  /** Runs the slow cell; `interfere` is called when its first lines are there. */
  async function runThrough(interfere) {
    let printed = '';
    const heard = () => printed.trimEnd().split('\n');
    const future = kernel.requestExecute({ code: slowly });
    future.onIOPub = message => { if (message.header.msg_type === 'stream') printed += message.content.text; };
    await waitUntil(() => heard().length > 5, 'the first lines');
    await interfere();
    const reply = await future.done;
    assert.equal(reply.content.status, 'ok');
    assert.deepEqual(heard(), expected);
    assert.equal(kernel.connectionStatus, 'connected');
  }

  try {
    await step('the network is cut and mended: every line, in order, once', () => runThrough(async () => {
      proxy.cut();
      await waitUntil(() => kernel.connectionStatus !== 'connected', 'the client to notice');
      proxy.mend();
    }));

    await step('the network is cut until the cell has finished: its end arrives all the same', () => runThrough(async () => {
      proxy.cut();
      await waitUntil(async () => (await (await hub.call(`user/admin/api/kernels/${kernel.id}`)).json()).execution_state === 'idle', 'the cell to finish');
      proxy.mend();
    }));

    await step('the hub is killed and started again: every line, in order, once', () => runThrough(async () => {
      await hub.kill();
      await hub.start();
    }));

    await step('afterwards the kernel still has its memory', async () => {
      const future = kernel.requestExecute({ code: 'print(i)' });
      let printed = '';
      future.onIOPub = message => { if (message.header.msg_type === 'stream') printed += message.content.text; };
      await future.done;
      assert.equal(printed, `${lines - 1}\n`);
    });
  } finally {
    kernels.dispose();
    await proxy.stop();
    await hub.stop();
  }
});
