import assert from 'node:assert/strict';
import { test } from 'node:test';
import { each } from './bulk';

test('one failure stops nothing and is told with its reason', async () => {
  const met: string[] = [];
  const summary = await each(['a', 'b', 'c'], async name => {
    met.push(name);
    if (name === 'b') {
      throw new Error('is already running');
    }
  });
  assert.deepEqual(met.sort(), ['a', 'b', 'c']);
  assert.deepEqual(summary, { done: 2, failed: [{ name: 'b', why: 'is already running' }] });
});

test('no more than a few are asked at once', async () => {
  let running = 0;
  let most = 0;
  await each(Array.from({ length: 40 }, (_, i) => `u${i}`), async () => {
    most = Math.max(most, ++running);
    await new Promise(resolve => setImmediate(resolve));
    running--;
  }, 4);
  assert.equal(most, 4);
});
