// Starts the built hub on a free port with a data directory of its own, and stops just that.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { randomBytes } from 'node:crypto';

const root = resolve(import.meta.dirname, '../../..');
const program = process.env.HUB_TEST_PROGRAM ?? join(root, 'src/Hub/bin/Release/net10.0/Hub.dll');

export function freePort() {
  return new Promise((ok, no) => {
    const probe = createServer().on('error', no).listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => ok(port));
    });
  });
}

/** Starts a program; `log()` is what it said, `ended` when it is over. */
export function startProgram(command, args, options = {}) {
  const log = [];
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], ...options });
  for (const stream of [child.stdout, child.stderr]) stream.on('data', text => log.push(String(text)));
  const ended = new Promise(ok => child.once('exit', ok));
  child.once('error', error => log.push(String(error)));
  return { child, ended, log: () => log.join('') };
}

export async function startHub(...settings) {
  const data = mkdtempSync(join(tmpdir(), 'hub-services-'));
  const port = await freePort();
  const token = randomBytes(24).toString('hex');
  const url = `http://127.0.0.1:${port}/`;
  let hub;
  async function start() {
    hub = startProgram('dotnet', [program, '--port', String(port), '--data', data, ...settings], { cwd: data, env: { ...process.env, HUB_ADMIN_TOKEN: token } });
    await waitUntil(async () => {
      if (hub.child.exitCode !== null) throw new Error(`The hub ended with ${hub.child.exitCode}:\n${hub.log()}`);
      const answer = await fetch(`${url}health/ready`).catch(() => null);
      return answer?.ok === true;
    }, 'the hub to be ready', 120_000);
  }
  const call = (path, options = {}) =>
    fetch(url + path, { ...options, headers: { authorization: `token ${token}`, 'content-type': 'application/json', ...options.headers } });
  await start();
  const started = await call('hub/api/users/admin/server', { method: 'POST' });
  if (![201, 202, 400].includes(started.status)) throw new Error(`starting the server answered ${started.status}: ${await started.text()}`);
  return {
    url, token, data, port, call,
    log: () => hub.log(),
    /** Ends the hub as a crash would; its kernels run on. */
    async kill() {
      hub.child.kill('SIGKILL');
      await hub.ended;
    },
    /** Another hub on the same port and data. */
    start,
    async stop() {
      await call('hub/api/users/admin/server', { method: 'DELETE' }).catch(() => {});
      hub.child.kill('SIGTERM');
      await hub.ended;
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** Asks until the answer is true; fails by name when it takes longer than `limit` milliseconds. */
export async function waitUntil(ask, what, limit = 60_000) {
  const end = performance.now() + limit;
  for (;;) {
    if (await ask()) return;
    if (performance.now() > end) throw new Error(`waited ${limit} ms for ${what}`);
    await new Promise(ok => setTimeout(ok, 50));
  }
}
