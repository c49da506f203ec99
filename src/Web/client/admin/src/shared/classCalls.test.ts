import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { addressOf, ClassCalls } from './classCalls';
import { HubApi } from './hubApi';

const real = globalThis.fetch;
afterEach(() => {
  globalThis.fetch = real;
});

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly body: unknown;
}

/** A hub that answers everything with this, and what it was asked. */
function hub(answer: object | null, status = 200): { readonly calls: ClassCalls; readonly asked: Asked[] } {
  const asked: Asked[] = [];
  globalThis.fetch = (async (url: string, init: RequestInit) => {
    asked.push({ method: init.method ?? '', url, body: init.body instanceof FormData ? init.body : init.body ? JSON.parse(init.body as string) : null });
    return answer === null ? new Response(null, { status: 204 }) : Response.json(answer, { status });
  }) as typeof fetch;
  return { calls: new ClassCalls(new HubApi({ base: '/b/', xsrf: 'x', user: 'tina', scopes: new Set(), held: [] }), '/b/', 7), asked };
}

test('everybody is started in one call, and who failed is named with the reason', async () => {
  const { calls, asked } = hub({
    started: 1, running: 0, skipped: 1, failed: 1,
    students: [{ name: 'a', result: 'started', message: null }, { name: 'b', result: 'failed', message: 'no room' }, { name: 'c', result: 'skipped', message: 'not joined' }]
  });
  assert.deepEqual(await calls.start(), { text: '1 started, 0 ran already.', people: ['b: no room', 'c: not joined'] });
  assert.deepEqual(asked, [{ method: 'POST', url: '/b/hub/api/classes/7/kernels', body: null }]);
});

test('a visit leads to this hub and nowhere else', async () => {
  const { calls, asked } = hub({ url: '/b/user/anna/lab/tree/one.ipynb' }, 201);
  assert.equal(await calls.visit('anna', 'helper', 'one.ipynb'), '/b/user/anna/lab/tree/one.ipynb');
  assert.deepEqual(asked[0]?.body, { user: 'anna', role: 'helper', path: 'one.ipynb' });
  assert.equal(addressOf('/b/', '/user/anna/lab'), '/b/user/anna/lab');
  for (const hostile of ['//elsewhere/', '/\\elsewhere', 'javascript:alert(1)', 'https://elsewhere/', null]) {
    assert.throws(() => addressOf('/', hostile));
  }
});

test('a hand is lowered by the name as it is, whatever is in it', async () => {
  const { calls, asked } = hub(null);
  await calls.lower('../<b>');
  assert.equal(asked[0]?.url, '/b/hub/api/classes/7/hands/..%2F%3Cb%3E');
});

test('a file goes as a form, and whose file was kept or could not be written is told', async () => {
  const { calls, asked } = hub({ students: 3, unchanged: ['a'], kept: ['b'], failed: [{ name: 'c', problem: 'the disk is full' }] });
  const outcome = await calls.give(new File(['x'], 'data.csv'), 'week 1');
  assert.deepEqual(outcome, { text: 'data.csv handed out to 3 students.', people: ['b: has another file of this name; theirs was kept', 'c: the disk is full'] });
  const form = asked[0]?.body as FormData;
  assert.equal((form.get('file') as File).name, 'data.csv');
  assert.equal(form.get('folder'), 'week 1');
});

test('a refusal is told in the words of the hub', async () => {
  const { calls } = hub({ status: 409, message: 'The class is over.' }, 409);
  await assert.rejects(calls.tell('hello'), /The class is over/);
});
