import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KernelEvent } from './kernelEvents';
import { apply, noNews, type KernelNews, type NewsAction, type NewsEffect } from './kernelNews';

const kernel = { kernelId: 'k1', kernelName: 'python3', path: 'a.ipynb' };
const starting = (percent: number): KernelEvent => ({ ...kernel, kind: 'starting', percent, message: `${percent} done` });
const ready: KernelEvent = { ...kernel, kind: 'ready' };
const failed: KernelEvent = { ...kernel, kind: 'failed', cause: 'timeout', message: 'Too slow.' };
const died: KernelEvent = { ...kernel, kind: 'died', cause: 'exited', message: 'Exit code 1.' };

const heard = (at: number, event: KernelEvent): NewsAction => ({ kind: 'heard', event, at });
const woke = (at: number): NewsAction => ({ kind: 'woke', at });

function play(...actions: NewsAction[]): { news: KernelNews; effects: NewsEffect[][] } {
  let news = noNews;
  const effects = actions.map(action => {
    const [next, now] = apply(news, action, 1000);
    news = next;
    return [...now];
  });
  return { news, effects };
}

test('a quick start is not shown', () => {
  const { effects, news } = play(heard(0, starting(10)), heard(400, starting(90)), heard(600, ready), woke(1000));
  assert.deepEqual(effects, [[{ kind: 'wake-in', milliseconds: 1000 }], [], [{ kind: 'reconnect', kernelId: 'k1' }], []]);
  assert.equal(news.starts.size, 0);
});

test('a slow start is shown with its latest words, follows them, and ends', () => {
  const { effects } = play(heard(0, starting(10)), heard(500, starting(20)), woke(1000), heard(1500, starting(60)), heard(2000, ready));
  assert.deepEqual(effects.slice(2), [
    [{ kind: 'show-progress', kernelId: 'k1', message: '20 done', percent: 20 }],
    [{ kind: 'show-progress', kernelId: 'k1', message: '60 done', percent: 60 }],
    [{ kind: 'end-progress', kernelId: 'k1', ready: true }, { kind: 'reconnect', kernelId: 'k1' }]
  ]);
});

test('a wake that comes before its time shows nothing', () => {
  assert.deepEqual(play(heard(0, starting(10)), woke(999)).effects[1], []);
});

test('a failure ends the progress and is told', () => {
  const { effects } = play(heard(0, starting(10)), woke(1000), heard(3000, failed));
  assert.deepEqual(effects[2], [{ kind: 'end-progress', kernelId: 'k1', ready: false }, { kind: 'tell-failure', event: failed }]);
});

test('what did not start is not told to have died as well', () => {
  const { effects } = play(heard(0, starting(10)), heard(500, failed), heard(1000, died), heard(2000, starting(0)), heard(2500, ready), heard(3000, died));
  assert.deepEqual(effects[2], []);
  assert.deepEqual(effects[5], [{ kind: 'tell-death', event: died }]);
});

test('a death is told once, however often it is heard', () => {
  const { effects } = play(heard(0, died), heard(10, died));
  assert.deepEqual(effects, [[{ kind: 'tell-death', event: died }], []]);
});

test('a kernel that was started again may die again', () => {
  const { effects } = play(heard(0, died), heard(10, starting(0)), heard(20, ready), heard(30, died));
  assert.deepEqual(effects[3], [{ kind: 'tell-death', event: died }]);
});

test('the memory of dead kernels is bounded', () => {
  let news = noNews;
  for (let index = 0; index < 1000; index++) {
    [news] = apply(news, heard(index, { ...kernel, kernelId: `k${index}`, kind: 'died', cause: '', message: '' }), 1000);
  }
  assert.equal(news.dead.size, 256);
});
