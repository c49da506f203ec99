import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tellDeath, tellFailure } from './stories';

const kernel = { kernelId: 'k1', kernelName: 'python3', path: 'a.ipynb' };

test('every spelling of a cause tells the same story', () => {
  for (const cause of ['OutOfMemory', 'out_of_memory', 'out-of-memory']) {
    assert.equal(tellDeath({ ...kernel, kind: 'died', cause, message: 'It used 2 GB.' }).title, 'The kernel ran out of memory');
  }
});

test('a death nobody can explain is told all the same', () => {
  const story = tellDeath({ ...kernel, kind: 'died', cause: '', message: '' });
  assert.equal(story.title, 'The kernel died');
  assert.deepEqual(story.sentences, ['Its variables are gone. The notebook and its outputs are still here.']);
});

test('a failure is told in the words of the hub, else with advice of our own', () => {
  assert.deepEqual(tellFailure({ ...kernel, kind: 'failed', cause: 'timeout', message: 'It took 60 s. Try again.' }).sentences, ['It took 60 s. Try again.']);
  assert.equal(tellFailure({ ...kernel, kind: 'failed', cause: 'timeout', message: '' }).sentences.length, 1);
});
