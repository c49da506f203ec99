import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endingText, keepText, kernelEndingSchema, readEndingEvent, readEndingModel } from './ending';

const clock = (at: number): string => new Date(at).toISOString().slice(11, 16);
const told = { cause: 'idle', ends_at: '2026-01-01T12:03:00Z', message: 'Nothing ran.', keep_seconds: 3600 };
const ending = { endsAt: Date.parse(told.ends_at), cause: 'idle', keepSeconds: 3600 };

test('an event tells of the end, and a later one takes it back', () => {
  const event = { schema_id: kernelEndingSchema, kernel_id: 'k1', ...told };
  assert.deepEqual(readEndingEvent(event), { kernelId: 'k1', ending });
  assert.deepEqual(readEndingEvent({ ...event, ends_at: null }), { kernelId: 'k1', ending: null });
});

test('other events tell nothing of it', () => {
  assert.equal(readEndingEvent({ ...told, schema_id: 'urn:another', kernel_id: 'k1' }), null);
  assert.equal(readEndingEvent({ ...told, schema_id: kernelEndingSchema }), null);
});

test('a page that comes late reads it from the model', () => {
  assert.deepEqual(readEndingModel({ id: 'k1', hub: { ending: told } }), ending);
  assert.equal(readEndingModel({ id: 'k1', hub: {} }), null);
  assert.equal(readEndingModel(undefined), null);
});

test('it is told with its time, and the button says for how long', () => {
  assert.equal(endingText(ending, 'a.ipynb', clock), 'The kernel of a.ipynb is not used. It is stopped at 12:03; its variables will be gone.');
  // JupyterLab would cut more.
  assert.ok(endingText({ ...ending, cause: 'longest_run' }, 'x'.repeat(200), () => '12:03:00 PM').length <= 140);
  assert.deepEqual([3600, 7200, 86_400, 60, 90, 1].map(keepText), [
    'Keep for another hour', 'Keep for another 2 hours', 'Keep for another day', 'Keep for another minute', 'Keep for another 90 seconds', 'Keep for another second'
  ]);
});
