// Signs in through the link a fresh hub prints, opens a session and runs one cell: what a newcomer does, without a browser.
//   node first-cell.mjs URL CONSOLE_FILE
import { readFileSync } from 'node:fs';
import WebSocket from 'ws';
import { waitUntil } from './hub.mjs';

const [url, consoleFile] = process.argv.slice(2);
const jar = new Map();
let link;
await waitUntil(() => (link = /http:\/\/\S+\/hub\/set-password\?link=\S+/.exec(readFileSync(consoleFile, 'utf8'))?.[0]), 'the sign-in link');
link = new URL(new URL(link).pathname + new URL(link).search, url).href;

const page = await (await call(link)).text();
const form = new URLSearchParams();
for (const [field] of page.matchAll(/<input[^>]*>/g)) {
  const name = /\bname="([^"]*)"/.exec(field)?.[1];
  if (name) form.set(name, /type="password"/.test(field) ? 'a long enough password' : /\bvalue="([^"]*)"/.exec(field)?.[1] ?? '');
}
const action = /<form[^>]*action="([^"]*)"/.exec(page)?.[1].replaceAll('&amp;', '&') ?? link;
const answer = await call(new URL(action, link).href, { method: 'POST', body: form });
if (answer.status >= 400) throw new Error(`setting the password answered ${answer.status}`);
await (await call(`${url}user/admin/lab`, { headers: { accept: 'text/html' } })).text();

// The image is built when the first kernel is asked for: be as patient as a newcomer is.
const session = await (await call(`${url}user/admin/api/sessions`, {
  method: 'POST', headers: { 'content-type': 'application/json', 'x-xsrftoken': jar.get('_xsrf') },
  body: JSON.stringify({ path: 'first.ipynb', name: 'first.ipynb', type: 'notebook', kernel: { name: 'python3' } }),
})).json();
if (!session.kernel) throw new Error(`no session: ${JSON.stringify(session)}`);
await waitUntil(async () => {
  const kernel = await (await call(`${url}user/admin/api/kernels/${session.kernel.id}`)).json();
  if (kernel.execution_state === 'dead') throw new Error(`the kernel is dead: ${kernel.reason}`);
  return kernel.execution_state !== 'starting';
}, 'the kernel to start', 900_000);

const client = '0f0f0f0f-0000-4000-8000-000000000001';
const socket = new WebSocket(`${url.replace('http', 'ws')}user/admin/api/kernels/${session.kernel.id}/channels?session_id=${client}`, { headers: { cookie: cookies(), origin: new URL(url).origin } });
await new Promise((ok, no) => socket.on('open', ok).on('error', no));
const result = new Promise(ok => socket.on('message', data => {
  const message = JSON.parse(data);
  if (message.msg_type === 'execute_result') ok(message.content.data['text/plain']);
}));
const header = { msg_id: 'first-1', session: client, username: 'admin', date: new Date().toISOString(), msg_type: 'execute_request', version: '5.3' };
socket.send(JSON.stringify({ channel: 'shell', header, parent_header: {}, metadata: {}, buffers: [], content: { code: '6*7', silent: false, store_history: true, user_expressions: {}, allow_stdin: false, stop_on_error: true } }));
if (await result !== '42') throw new Error('6*7 is not 42');
socket.close();

async function call(to, options = {}) {
  const got = await fetch(to, { redirect: 'manual', ...options, headers: { ...options.headers, cookie: cookies(), origin: new URL(url).origin } });
  for (const line of got.headers.getSetCookie()) {
    const [pair] = line.split(';');
    jar.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
  }
  return got;
}

function cookies() {
  return [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
}
