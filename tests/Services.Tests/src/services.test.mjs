// The front end's own client library against a running hub: kernels, sessions, contents, specs, settings, workspaces, user, events.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import services from '@jupyterlab/services';
import WebSocket from 'ws';
import { startHub, waitUntil } from './hub.mjs';

const {
  ContentsManager, EventManager, KernelManager, KernelSpecManager, ServerConnection, SessionManager, SettingManager, UserManager, WorkspaceManager,
} = services;

for (const spawner of (process.env.HUB_TEST_SPAWNERS ?? 'docker,process').split(',')) {
  test(`with kernels from the ${spawner} spawner`, async suite => {
    const hub = await startHub(`Hub:Spawner=${spawner}`);
    const serverSettings = ServerConnection.makeSettings({
      baseUrl: `${hub.url}user/admin/`, wsUrl: `${hub.url}user/admin/`.replace('http', 'ws'),
      appUrl: '/lab', token: hub.token, appendToken: true, WebSocket, fetch, Request, Headers,
    });
    const kernels = new KernelManager({ serverSettings });
    const sessions = new SessionManager({ serverSettings, kernelManager: kernels });
    const contents = new ContentsManager({ serverSettings });
    const managers = [sessions, kernels, contents];
    const step = (name, body) => suite.test(name, { timeout: 120_000 }, body);
    try {
      await step('the kernelspec manager finds Python as the default', async () => {
        const specs = new KernelSpecManager({ serverSettings });
        managers.push(specs);
        await specs.ready;
        assert.equal(specs.specs.default, 'python3');
        assert.equal(specs.specs.kernelspecs.python3.language, 'python');
        for (const url of Object.values(specs.specs.kernelspecs.python3.resources)) {
          const logo = await ServerConnection.makeRequest(new URL(url, hub.url).href, {}, serverSettings);
          assert.equal(logo.status, 200, url);
        }
      });

      let kernel;
      await step('a kernel starts and tells what it is', async () => {
        kernel = await kernels.startNew({ name: 'python3' });
        const info = await kernel.info;
        assert.equal(info.language_info.name, 'python');
        await waitUntil(() => kernel.status === 'idle', 'the kernel to be idle');
      });

      await step('code gives a result, output and an error with its traceback', async () => {
        const heard = await run(kernel, 'print("hello"); 6 * 7');
        assert.equal(text(heard, 'stream'), 'hello\n');
        assert.equal(heard.find(m => m.header.msg_type === 'execute_result').content.data['text/plain'], '42');
        const broken = await run(kernel, '1 / 0');
        const error = broken.find(m => m.header.msg_type === 'error');
        assert.equal(error.content.ename, 'ZeroDivisionError');
        assert.ok(error.content.traceback.length > 0);
      });

      await step('ten thousand prints arrive whole and in order', async () => {
        const heard = await run(kernel, 'for i in range(10000): print(i)');
        const lines = text(heard, 'stream').trimEnd().split('\n');
        assert.equal(lines.length, 10_000);
        assert.ok(lines.every((line, index) => line === String(index)));
      });

      await step('input() asks the one who ran the cell and takes the answer', async () => {
        const future = kernel.requestExecute({ code: 'name = input("who? "); print("hi", name)', allow_stdin: true });
        let asked = '';
        let said = '';
        future.onStdin = message => {
          asked = message.content.prompt;
          kernel.sendInputReply({ status: 'ok', value: 'Ada' }, message.header);
        };
        future.onIOPub = message => { if (message.header.msg_type === 'stream') said += message.content.text; };
        const reply = await future.done;
        assert.equal(reply.content.status, 'ok');
        assert.equal(asked, 'who? ');
        assert.equal(said, 'hi Ada\n');
      });

      await step('completion, inspection, is_complete and history answer', async () => {
        assert.ok((await kernel.requestComplete({ code: 'impor', cursor_pos: 5 })).content.matches.includes('import'));
        assert.equal((await kernel.requestInspect({ code: 'print', cursor_pos: 5, detail_level: 0 })).content.found, true);
        assert.equal((await kernel.requestIsComplete({ code: 'for i in x:' })).content.status, 'incomplete');
        assert.equal((await kernel.requestHistory({ hist_access_type: 'tail', n: 2, output: false, raw: true })).content.status, 'ok');
      });

      await step('a comm carries binary buffers both ways', async () => {
        await run(kernel, [
          'def target(comm, message):',
          '    @comm.on_msg',
          '    def got(message):',
          '        comm.send({"size": len(message["buffers"][0])}, buffers=[bytes(message["buffers"][0])[::-1]])',
          'get_ipython().kernel.comm_manager.register_target("echo", target)',
        ].join('\n'));
        const comm = kernel.createComm('echo');
        const answered = new Promise(ok => { comm.onMsg = ok; });
        await comm.open({}).done;
        await comm.send({}, undefined, [Uint8Array.from([1, 2, 3]).buffer]).done;
        const answer = await answered;
        assert.equal(answer.content.data.size, 3);
        assert.deepEqual([...new Uint8Array(answer.buffers[0].buffer ?? answer.buffers[0], answer.buffers[0].byteOffset ?? 0, 3)], [3, 2, 1]);
        await comm.close().done;
      });

      await step('an endless loop is interrupted', async () => {
        const future = kernel.requestExecute({ code: 'while True: pass' });
        await waitUntil(() => kernel.status === 'busy', 'the loop to run');
        await kernel.interrupt();
        const reply = await future.done;
        assert.equal(reply.content.status, 'error');
        assert.equal(reply.content.ename, 'KeyboardInterrupt');
      });

      await step('a second connection shares variables and hears every output', async () => {
        const second = kernels.connectTo({ model: kernel.model });
        await second.info;
        const overheard = [];
        second.anyMessage.connect((_, { direction, msg }) => {
          if (direction === 'recv' && msg.header.msg_type === 'stream') overheard.push(msg.content.text);
        });
        await run(kernel, 'shared = 17; print("from the first")');
        assert.equal(text(await run(second, 'print(shared)'), 'stream'), '17\n');
        await waitUntil(() => overheard.join('').includes('from the first'), 'the output of the other connection');
        second.dispose();
      });

      await step('a restart forgets variables and keeps the id', async () => {
        const id = kernel.id;
        await kernel.restart();
        assert.equal(kernel.id, id);
        const heard = await run(kernel, 'shared');
        assert.equal(heard.find(m => m.header.msg_type === 'error').content.ename, 'NameError');
      });

      await step('a kernel that was shut down is gone from the list', async () => {
        await kernel.shutdown();
        await kernels.refreshRunning();
        assert.deepEqual([...kernels.running()].filter(model => model.id === kernel.id), []);
      });

      await step('two sessions on one path are one session with one kernel', async () => {
        const options = { path: 'shared.ipynb', type: 'notebook', name: 'shared.ipynb', kernel: { name: 'python3' } };
        const first = await sessions.startNew(options);
        const second = await sessions.startNew(options);
        assert.equal(second.id, first.id);
        assert.equal(second.kernel.id, first.kernel.id);
        await run(first.kernel, 'x = 1');
        assert.equal(text(await run(second.kernel, 'print(x)'), 'stream'), '1\n');
        await first.setPath('moved.ipynb');
        await sessions.refreshRunning();
        assert.equal((await sessions.findByPath('moved.ipynb')).id, first.id);
        const before = first.kernel.id;
        await first.changeKernel({ name: 'python3' });
        assert.notEqual(first.kernel.id, before);
        await first.shutdown();
        await sessions.refreshRunning();
        assert.equal(await sessions.findByPath('moved.ipynb'), undefined);
      });

      await step('an unknown kernelspec is refused with its name', async () => {
        await assert.rejects(
          sessions.startNew({ path: 'none.ipynb', type: 'notebook', name: 'none.ipynb', kernel: { name: 'no-such-kernel' } }),
          error => /no-such-kernel/.test(error.message));
      });

      await step('contents: new, save, get, rename, copy, checkpoints, delete', async () => {
        const folder = await contents.newUntitled({ path: '', type: 'directory' });
        const made = await contents.newUntitled({ path: folder.path, type: 'notebook' });
        assert.match(made.path, /Untitled\.ipynb$/);
        const notebook = {
          cells: [{ cell_type: 'code', id: 'abc123', execution_count: 1, metadata: {}, outputs: [], source: 'a = 1\nb = 2' }],
          metadata: {}, nbformat: 4, nbformat_minor: 5,
        };
        await contents.save(made.path, { type: 'notebook', format: 'json', content: notebook });
        const kept = await contents.get(made.path, { content: true, type: 'notebook' });
        assert.equal(kept.content.cells[0].source, 'a = 1\nb = 2');
        assert.equal(kept.content.cells[0].id, 'abc123');
        const point = await contents.createCheckpoint(made.path);
        await contents.save(made.path, { type: 'notebook', format: 'json', content: { ...notebook, cells: [] } });
        await contents.restoreCheckpoint(made.path, point.id);
        assert.equal((await contents.get(made.path)).content.cells.length, 1);
        const renamed = await contents.rename(made.path, `${folder.path}/Ünïcode 名前.ipynb`);
        const copied = await contents.copy(renamed.path, folder.path);
        assert.match(copied.name, /-Copy1\.ipynb$/);
        const listing = await contents.get(folder.path);
        assert.deepEqual(listing.content.map(entry => entry.name).sort(), ['Ünïcode 名前-Copy1.ipynb', 'Ünïcode 名前.ipynb'].sort());
        await contents.delete(copied.path);
        await contents.delete(renamed.path);
        await contents.delete(folder.path);
        await assert.rejects(contents.get(folder.path), error => error.response.status === 404);
      });

      await step('contents: a file in chunks comes back byte for byte', async () => {
        const bytes = Buffer.alloc(3 * 1024 * 1024 + 17, 'notebook hub ');
        const size = 1024 * 1024;
        for (let start = 0, chunk = 1; start < bytes.length; start += size, chunk++) {
          const last = start + size >= bytes.length;
          await contents.save('upload.bin', {
            type: 'file', format: 'base64', chunk: last ? -1 : chunk, content: bytes.subarray(start, start + size).toString('base64'),
          });
        }
        const url = await contents.getDownloadUrl('upload.bin');
        const answer = await ServerConnection.makeRequest(url, {}, serverSettings);
        const back = Buffer.from(await answer.arrayBuffer());
        assert.equal(hash(back), hash(bytes));
        await contents.delete('upload.bin');
      });

      await step('settings are kept as they were written', async () => {
        const settings = new SettingManager({ serverSettings });
        const id = '@jupyterlab/apputils-extension:themes';
        const raw = '{\n  // dark, please\n  "theme": "JupyterLab Dark"\n}';
        await settings.save(id, raw);
        const kept = await settings.fetch(id);
        assert.equal(kept.raw, raw);
        assert.ok((await settings.list()).ids.includes(id));
      });

      await step('workspaces are kept', async () => {
        const workspaces = new WorkspaceManager({ serverSettings });
        await workspaces.save('seminar', { data: { 'layout-restorer:data': { main: {} } }, metadata: { id: 'seminar' } });
        assert.deepEqual((await workspaces.fetch('seminar')).data, { 'layout-restorer:data': { main: {} } });
        assert.ok((await workspaces.list()).ids.some(id => id.replace(/^\//, '') === 'seminar'));
        await workspaces.remove('seminar');
      });

      await step('the user manager knows who is signed in', async () => {
        // It keeps a person's colour in the browser's storage, which Node does not have.
        const storage = new Map();
        globalThis.window = { localStorage: { getItem: key => storage.get(key) ?? null, setItem: (key, value) => storage.set(key, value) } };
        try {
          const user = new UserManager({ serverSettings });
          await user.ready;
          assert.equal(user.identity.username, 'admin');
          user.dispose();
        } finally {
          delete globalThis.window;
        }
      });

      await step('the event stream tells of a kernel that starts', async () => {
        const events = new EventManager({ serverSettings });
        managers.push(events);
        const heard = [];
        events.stream.connect((_, event) => heard.push(event));
        await waitUntil(async () => {
          const started = await kernels.startNew({ name: 'python3' });
          await started.info;
          await started.shutdown();
          return heard.some(event => event.schema_id === 'urn:notebook-hub:kernel-start:v1' && event.state === 'ready' && event.kernel_id === started.id);
        }, 'an event that says a kernel is ready');
      });
    } finally {
      for (const manager of managers) manager.dispose();
      await hub.stop();
    }
  });
}

async function run(kernel, code) {
  const heard = [];
  const future = kernel.requestExecute({ code });
  future.onIOPub = message => heard.push(message);
  await future.done;
  return heard;
}

function text(messages, type) {
  return messages.filter(message => message.header.msg_type === type).map(message => message.content.text).join('');
}

function hash(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}
