// How heavy are the pages, how soon does the first cell answer, and what does an idle hub weigh?
//
//   node tests/Benchmarks/pages.mjs [rounds] [docker process]
//
// Starts the hub built for release (built first when it is not), drives Chromium against it as a person would, and prints medians.
// What Debian's jupyter-server can serve too is measured beside it in the same run: memory, and the first output over its API.
// `first output` is from the click on a link to the notebook until its first cell, run as soon as it is drawn, shows its output:
// the page, its kernel's start and the cell.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const require = createRequire(`${root}src/Web/client/lab/package.json`);
const { chromium } = require('playwright-core');
const Socket = require('ws');
const rounds = Number(process.argv[2] ?? 3);
const spawners = process.argv.length > 3 ? process.argv.slice(3) : ['docker', 'process'];
const password = 'correct horse battery staple';
const token = 'f'.repeat(40);
const begun = [];

const median = values => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const seconds = milliseconds => `${(milliseconds / 1000).toFixed(2)} s`;
const pause = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));
const row = (...cells) => console.log(`| ${cells.join(' | ')} |`);

function residentMegabytes(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
}

function freePort() {
  return new Promise(resolve => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** Starts a server and waits until it answers at `ready`. */
async function serve(command, options, ready) {
  const child = spawn(command[0], command.slice(1), { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const server = { child, said: '' };
  begun.push(child);
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', data => { server.said += data; });
  }
  for (let tries = 0; tries < 600; tries++) {
    if (child.exitCode !== null) {
      throw new Error(`${command.join(' ')} ended:\n${server.said}`);
    }
    if (await fetch(ready).then(answer => answer.ok, () => false)) {
      return server;
    }
    await pause(100);
  }
  throw new Error(`${command.join(' ')} did not get ready:\n${server.said}`);
}

async function stop(child) {
  const ended = new Promise(resolve => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}

async function ask(base, path, method = 'GET', body = undefined) {
  const answer = await fetch(base + path, {
    method, body: body && JSON.stringify(body), headers: { Authorization: `token ${token}`, 'Content-Type': 'application/json' }
  });
  if (!answer.ok) {
    throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  }
  const text = await answer.text();
  return text === '' ? undefined : JSON.parse(text);
}

/** Over the API alone: a kernel is asked for, connected, and prints. The kernel is left to the caller. */
async function firstOutput(base) {
  const start = performance.now();
  const kernel = await ask(base, 'api/kernels', 'POST', { name: 'python3' });
  const socket = new Socket(`${base.replace('http', 'ws')}api/kernels/${kernel.id}/channels?session_id=bench`, { headers: { Authorization: `token ${token}` } });
  await new Promise((resolve, reject) => {
    const header = { msg_id: 'm', msg_type: 'execute_request', session: 'bench', username: '', date: new Date().toISOString(), version: '5.3' };
    const content = { code: 'print(6 * 7)', silent: false, store_history: true, user_expressions: {}, allow_stdin: false, stop_on_error: true };
    socket.on('open', () => socket.send(JSON.stringify({ channel: 'shell', header, parent_header: {}, metadata: {}, content, buffers: [] })));
    socket.on('message', data => String(data).includes('"stream"') && String(data).includes('42') && resolve());
    socket.on('error', reject);
  });
  const took = performance.now() - start;
  socket.close();
  return { took, id: kernel.id };
}

async function endKernels(base) {
  for (const session of await ask(base, 'api/sessions')) {
    await ask(base, `api/sessions/${session.id}`, 'DELETE');
  }
  for (const kernel of await ask(base, 'api/kernels')) {
    await ask(base, `api/kernels/${kernel.id}`, 'DELETE');
  }
}

/** One visit: what came over the wire and how long it took until the cell was drawn, and until it showed its output. */
async function visit(context, address) {
  const page = await context.newPage();
  const network = await context.newCDPSession(page);
  const seen = { requests: 0, bytes: 0 };
  await network.send('Network.enable');
  network.on('Network.requestWillBeSent', ({ request }) => { seen.requests += request.url.startsWith('http') ? 1 : 0; });
  network.on('Network.loadingFinished', ({ encodedDataLength }) => { seen.bytes += encodedDataLength; });
  const start = performance.now();
  await page.goto(address, { waitUntil: 'commit' });
  const cell = page.locator('.jp-CodeCell .cm-content').first();
  await cell.click({ timeout: 120_000 });
  const drawn = performance.now() - start;
  const { requests, bytes } = seen;
  await page.keyboard.press('Shift+Enter');
  await page.locator('.jp-OutputArea-output', { hasText: '42' }).first().waitFor({ timeout: 120_000 });
  const answered = performance.now() - start;
  await page.close();
  return { requests, bytes, drawn, answered };
}

function notebook() {
  const cell = { cell_type: 'code', id: 'first', execution_count: null, metadata: {}, outputs: [], source: 'print(6 * 7)' };
  const kernelspec = { name: 'python3', display_name: 'Python 3', language: 'python' };
  return { cells: [cell], metadata: { kernelspec }, nbformat: 4, nbformat_minor: 5 };
}

async function signIn(browser, base) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${base}hub/login`);
  await page.locator('input[name=username]').fill('admin');
  await page.locator('input[name=password]').fill(password);
  await page.locator('main form button').first().click();
  await page.waitForURL('**/hub/home');
  const state = await context.storageState();
  await context.close();
  return state;
}

async function measureHub(spawner, browser) {
  const data = mkdtempSync(`${tmpdir()}/hub-bench-`);
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}/`;
  const base = `${origin}user/admin/`;
  const hub = await serve(
    ['dotnet', `${root}src/Hub/bin/Release/net10.0/Hub.dll`, '--port', `${port}`, '--data', data, `Hub:Spawner=${spawner}`, 'Kernels:StopOnExit=true'],
    { cwd: data, env: { ...process.env, HUB_ADMIN_TOKEN: token } }, `${origin}health/ready`);
  try {
    await pause(3000);
    const memory = [['after its start', residentMegabytes(hub.child.pid)]];
    await ask(origin, 'hub/api/users/admin/password', 'PUT', { password });
    const state = await signIn(browser, origin);
    memory.push(['one person signed in', residentMegabytes(hub.child.pid)]);
    await ask(origin, 'hub/api/users/admin/server', 'POST');
    await ask(base, 'api/contents/bench.ipynb', 'PUT', { type: 'notebook', content: notebook() });

    const api = [];
    for (let round = 0; round < rounds; round++) {
      const { took, id } = await firstOutput(base);
      api.push(took);
      if (round === 0) {
        memory.push(['one kernel', residentMegabytes(hub.child.pid)]);
      }
      await ask(base, `api/kernels/${id}`, 'DELETE');
    }

    for (const [application, path] of [['JupyterLab', 'lab/tree/bench.ipynb'], ['Notebook', 'notebooks/bench.ipynb']]) {
      const visits = { cold: [], warm: [], 'warm, kernel running': [] };
      for (let round = 0; round < rounds; round++) {
        const context = await browser.newContext({ storageState: state });
        for (const temperature of Object.keys(visits)) {
          if (temperature !== 'warm, kernel running') {
            await endKernels(base);
          }
          visits[temperature].push(await visit(context, base + path));
        }
        await context.close();
      }
      for (const [temperature, all] of Object.entries(visits)) {
        const middle = key => median(all.map(one => one[key]));
        row(spawner, application, temperature, middle('requests'), `${(middle('bytes') / 1e6).toFixed(2)} MB`, seconds(middle('drawn')), seconds(middle('answered')));
      }
    }
    memory.push([`after ${rounds * 6} visits`, residentMegabytes(hub.child.pid)]);
    return { api: median(api), memory };
  } finally {
    await stop(hub.child);
    rmSync(data, { recursive: true, force: true });
  }
}

/** Debian's jupyter-server: one process for each person. */
async function measureJupyterServer() {
  if (!existsSync('/usr/bin/jupyter-server')) {
    return null;
  }
  const home = mkdtempSync(`${tmpdir()}/jupyter-bench-`);
  const port = await freePort();
  const base = `http://127.0.0.1:${port}/`;
  const server = await serve(
    ['/usr/bin/jupyter-server', '--no-browser', '--allow-root', `--port=${port}`, `--ServerApp.token=${token}`, `--ServerApp.root_dir=${home}`],
    { cwd: home, env: { ...process.env, HOME: home } }, `${base}api`);
  try {
    await pause(3000);
    const memory = [['after its start', residentMegabytes(server.child.pid)]];
    const api = [];
    for (let round = 0; round < rounds; round++) {
      const { took, id } = await firstOutput(base);
      api.push(took);
      if (round === 0) {
        memory.push(['one kernel', residentMegabytes(server.child.pid)]);
      }
      await ask(base, `api/kernels/${id}`, 'DELETE');
    }
    return { api: median(api), memory };
  } finally {
    await stop(server.child);
    rmSync(home, { recursive: true, force: true });
  }
}

process.on('exit', () => begun.forEach(child => child.exitCode === null && child.kill('SIGKILL')));
execFileSync('dotnet', ['build', `${root}src/Hub/Hub.csproj`, '-c', 'Release', '-v', 'quiet', '--nologo'], { stdio: ['ignore', 'ignore', 'inherit'] });
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'] });
console.log(`Medians of ${rounds}; Chromium ${browser.version()}.\n`);
row('kernels', 'page', 'cache', 'requests', 'over the wire', 'cell drawn', 'first output');
row('---', '---', '---', '---', '---', '---', '---');
const results = [];
for (const spawner of spawners) {
  results.push([`hub, ${spawner}`, await measureHub(spawner, browser)]);
}
await browser.close();
results.push(['jupyter-server', await measureJupyterServer()]);
console.log('');
row('server', 'first output over the API', 'resident memory');
row('---', '---', '---');
for (const [name, measured] of results.filter(([, measured]) => measured !== null)) {
  row(name, seconds(measured.api), measured.memory.map(([when, megabytes]) => `${when} ${megabytes.toFixed(0)} MB`).join(', '));
}
