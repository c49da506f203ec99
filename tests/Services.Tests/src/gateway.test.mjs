// Programs of Debian that nobody here wrote: a Jupyter Server that uses the hub as its gateway, and a Jupyter Console on a kernel of the hub's.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import services from '@jupyterlab/services';
import WebSocket from 'ws';
import { freePort, startHub, startProgram, waitUntil } from './hub.mjs';

const { KernelManager, KernelSpecManager, ServerConnection, SessionManager } = services;

test('a Jupyter Server whose gateway is the hub', async suite => {
  const hub = await startHub('Hub:Spawner=process');
  const home = mkdtempSync(join(tmpdir(), 'hub-gateway-'));
  const port = await freePort();
  const server = startProgram('/usr/bin/jupyter-server', [
    '--no-browser', '--allow-root', `--port=${port}`, '--ServerApp.port_retries=0', '--ServerApp.token=secret', `--ServerApp.root_dir=${home}`, `--gateway-url=${hub.url}user/admin`,
  ], { cwd: home, env: { ...process.env, HOME: home, JUPYTER_GATEWAY_AUTH_TOKEN: hub.token } });
  const serverSettings = ServerConnection.makeSettings({
    baseUrl: `http://127.0.0.1:${port}/`, wsUrl: `ws://127.0.0.1:${port}/`, appUrl: '/lab', token: 'secret', appendToken: true, WebSocket, fetch, Request, Headers,
  });
  const kernels = new KernelManager({ serverSettings });
  const sessions = new SessionManager({ serverSettings, kernelManager: kernels });
  const step = (name, body) => suite.test(name, { timeout: 120_000 }, body);
  const ofHub = async id => (await hub.call(`user/admin/api/kernels/${id}`)).status;
  let kernel;
  try {
    await waitUntil(async () => {
      if (server.child.exitCode !== null) throw new Error(`jupyter-server ended with ${server.child.exitCode}:\n${server.log()}`);
      return (await fetch(`http://127.0.0.1:${port}/api`).catch(() => null))?.ok === true;
    }, 'the Jupyter Server to answer');

    await step('it offers the hub\'s kernelspecs', async () => {
      const specs = new KernelSpecManager({ serverSettings });
      await specs.ready;
      assert.equal(specs.specs.default, 'python3');
      assert.equal(specs.specs.kernelspecs.python3.language, 'python');
      specs.dispose();
    });

    await step('a session\'s kernel runs in the hub', async () => {
      const session = await sessions.startNew({ path: 'far.ipynb', type: 'notebook', name: 'far.ipynb', kernel: { name: 'python3' } });
      kernel = session.kernel;
      assert.equal((await kernel.info).language_info.name, 'python');
      assert.equal(await ofHub(kernel.id), 200);
    });

    await step('cells run', async () => {
      assert.equal(await printed(kernel, 'x = 41; print(x + 1)'), '42\n');
      assert.equal((await printed(kernel, 'for i in range(2000): print(i)')).split('\n').length, 2001);
    });

    await step('input() asks and takes the answer', async () => {
      const future = kernel.requestExecute({ code: 'name = input("who? ")', allow_stdin: true });
      future.onStdin = message => kernel.sendInputReply({ status: 'ok', value: 'Ada' }, message.header);
      assert.equal((await future.done).content.status, 'ok');
      assert.equal(await printed(kernel, 'print(name)'), 'Ada\n');
    });

    await step('an endless loop is interrupted', async () => {
      const future = kernel.requestExecute({ code: 'print("begun")\nwhile True: pass' });
      await new Promise(ok => { future.onIOPub = message => { if (message.header.msg_type === 'stream') ok(); }; });
      await kernel.interrupt();
      assert.equal((await future.done).content.ename, 'KeyboardInterrupt');
    });

    await step('a restart forgets variables and keeps the id', async () => {
      const id = kernel.id;
      await kernel.restart();
      assert.equal(kernel.id, id);
      assert.equal((await kernel.requestExecute({ code: 'x' }).done).content.ename, 'NameError');
    });

    await step('a kernel that is shut down is gone from the hub', async () => {
      const id = kernel.id;
      await kernel.shutdown();
      await waitUntil(async () => (await ofHub(id)) === 404, 'the hub to have no such kernel');
    });
  } finally {
    sessions.dispose();
    kernels.dispose();
    server.child.kill('SIGTERM');
    server.child.kill('SIGTERM'); // the second one asks nothing
    await server.ended;
    rmSync(home, { recursive: true, force: true });
    await hub.stop();
  }
});

test('a Jupyter Console on a kernel of the hub\'s', async suite => {
  const hub = await startHub('Hub:Spawner=process');
  const home = mkdtempSync(join(tmpdir(), 'hub-console-'));
  const { id } = await (await hub.call('user/admin/api/kernels', { method: 'POST', body: JSON.stringify({ name: 'python3' }) })).json();
  function attach() {
    const { Channels } = JSON.parse(readFileSync(join(hub.data, 'run', 'processes', id, 'kernel.json'), 'utf8'));
    const file = join(Channels, 'file', 'connection.json');
    return startProgram('/usr/bin/jupyter-console', ['--simple-prompt', '--existing', file], { cwd: home, env: { ...process.env, HOME: home } });
  }
  let console_ = attach();
  const step = (name, body) => suite.test(name, { timeout: 120_000 }, body);
  const type = line => console_.child.stdin.write(line + '\n');
  const says = what => waitUntil(() => {
    if (console_.child.exitCode !== null) throw new Error(`the console ended with ${console_.child.exitCode}:\n${console_.log()}`);
    return what.test(console_.log());
  }, `the console to say ${what}; it said:\n${console_.log()}`);
  try {
    await step('cells run', async () => {
      await says(/In \[\d+\]: /);
      type('x = 41');
      type('print("sum", x + 1)');
      await says(/sum 42/);
    });
    await step('input() asks and takes the answer', async () => {
      type('name = input("who? ")');
      await says(/who\? /);
      type('Ada');
      type('print("hi", name)');
      await says(/hi Ada/);
    });
    await step('an endless loop is interrupted by the hub', async () => {
      type('import time; print("be" + "gun"); time.sleep(1000)');
      await says(/begun/);
      assert.equal((await hub.call(`user/admin/api/kernels/${id}/interrupt`, { method: 'POST' })).status, 204);
      await says(/KeyboardInterrupt/);
    });
    await step('after a restart by the hub a console meets the new process', async () => {
      // The console gives a kernel up that stops beating and was not started by itself, so this is another console.
      console_.child.kill('SIGKILL');
      await console_.ended;
      assert.equal((await hub.call(`user/admin/api/kernels/${id}/restart`, { method: 'POST' })).status, 200);
      console_ = attach();
      await says(/In \[\d+\]: /);
      type('print("still", "x" in dir())');
      await says(/still False/);
    });
  } finally {
    console_.child.kill('SIGKILL');
    await console_.ended;
    rmSync(home, { recursive: true, force: true });
    await hub.stop();
  }
});

async function printed(kernel, code) {
  let text = '';
  const future = kernel.requestExecute({ code });
  future.onIOPub = message => { if (message.header.msg_type === 'stream') text += message.content.text; };
  await future.done;
  return text;
}
