import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readKernelEvent } from './kernelEvents';

const start = { schema_id: 'urn:notebook-hub:kernel-start:v1', kernel_id: 'k1', kernel_name: 'python3', path: 'a.ipynb' };

test('a start brings its sentence and percent', () => {
  assert.deepEqual(readKernelEvent({ ...start, state: 'starting', progress: 40, message: 'Fetching the image.' }), {
    kind: 'starting', kernelId: 'k1', kernelName: 'python3', path: 'a.ipynb', percent: 40, message: 'Fetching the image.'
  });
});

test('a percent outside 0 to 100 is brought inside', () => {
  for (const [sent, read] of [[-5, 0], [250, 100], [Number.NaN, 0], ['40', 0]] as const) {
    const event = readKernelEvent({ ...start, state: 'starting', progress: sent, message: '' });
    assert.equal(event?.kind === 'starting' ? event.percent : null, read);
  }
});

test('a death brings its cause', () => {
  const event = readKernelEvent({ ...start, schema_id: 'urn:notebook-hub:kernel-died:v1', cause: 'out_of_memory', message: 'Too much.' });
  assert.deepEqual(event, { kind: 'died', kernelId: 'k1', kernelName: 'python3', path: 'a.ipynb', cause: 'out_of_memory', message: 'Too much.' });
});

test('events of others, and events without what they need, are passed over', () => {
  assert.equal(readKernelEvent({ schema_id: 'https://events.jupyter.org/jupyter_server/contents_service/v1', path: 'a' }), null);
  assert.equal(readKernelEvent({ ...start, kernel_id: undefined, state: 'ready' }), null);
  assert.equal(readKernelEvent({ ...start, state: 'dancing' }), null);
});
