// Starts the built hub on a free port with a data directory of its own, and stops just that.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { randomBytes } from 'node:crypto';

const root = resolve(import.meta.dirname, '../../..');
const program = join(root, 'src/Hub/bin/Release/net10.0/Hub.dll');

function freePort() {
  return new Promise((ok, no) => {
    const probe = createServer().on('error', no).listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => ok(port));
    });
  });
}

export async function startHub(...settings) {
  const data = mkdtempSync(join(tmpdir(), 'hub-services-'));
  const port = await freePort();
  const token = randomBytes(24).toString('hex');
  const log = [];
  const hub = spawn('dotnet', [program, '--port', String(port), '--data', data, ...settings], {
    cwd: data,
    env: { ...process.env, HUB_ADMIN_TOKEN: token },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [hub.stdout, hub.stderr]) stream.on('data', text => log.push(String(text)));
  const ended = new Promise(ok => hub.once('exit', ok));
  const url = `http://127.0.0.1:${port}/`;
  await waitUntil(async () => {
    if (hub.exitCode !== null) throw new Error(`The hub ended with ${hub.exitCode}:\n${log.join('')}`);
    const answer = await fetch(`${url}health/ready`).catch(() => null);
    return answer?.ok === true;
  }, 'the hub to be ready', 120_000);
  const call = (path, options = {}) =>
    fetch(url + path, { ...options, headers: { authorization: `token ${token}`, 'content-type': 'application/json', ...options.headers } });
  const started = await call('hub/api/users/admin/server', { method: 'POST' });
  if (![201, 202, 400].includes(started.status)) throw new Error(`starting the server answered ${started.status}: ${await started.text()}`);
  return {
    url, token, data, port, call,
    log: () => log.join(''),
    async stop() {
      await call('hub/api/users/admin/server', { method: 'DELETE' }).catch(() => {});
      hub.kill('SIGTERM');
      await ended;
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
