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
  assert.deepEqual(story.sentences, ['Nothing is known of the cause.', 'Its variables are gone. The notebook and its outputs are still here.']);
});

test('the words of the hub come before advice of our own', () => {
  assert.equal(tellDeath({ ...kernel, kind: 'died', cause: 'exited', message: 'Exit code 3.' }).sentences[0], 'Exit code 3.');
  const failed = { ...kernel, kind: 'failed', cause: 'timeout' } as const;
  assert.deepEqual(tellFailure({ ...failed, message: 'It took 60 s. Try again.' }).sentences, ['It took 60 s. Try again.']);
  assert.deepEqual(tellFailure({ ...failed, message: '' }).sentences, ['The machine may be busy: try again in a minute.']);
});
