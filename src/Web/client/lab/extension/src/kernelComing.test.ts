import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Signal } from '@lumino/signaling';
import { arrival, isComing } from './kernelComing';

class FakeContext {
  isDisposed = false;
  kernelDisplayStatus = 'initializing';
  readonly statusChanged = new Signal<this, string>(this);
  readonly kernelChanged = new Signal<this, void>(this);
  readonly sessionChanged = new Signal<this, void>(this);
  readonly disposed = new Signal<this, void>(this);
}

/** Whether the promise has resolved by the time everything that could resolve it has run. */
async function resolved(promise: Promise<void>): Promise<boolean> {
  let done = false;
  void promise.then(() => { done = true; });
  await new Promise(resolve => setImmediate(resolve));
  return done;
}

test('a cell waits while its kernel starts, and no longer', async () => {
  const context = new FakeContext();
  const waiting = arrival(context);
  context.statusChanged.emit('starting');
  assert.equal(await resolved(waiting), false);
  context.kernelDisplayStatus = 'idle';
  context.kernelChanged.emit();
  assert.equal(await resolved(waiting), true);
});

test('a start that failed lets the cell go', async () => {
  const context = new FakeContext();
  const waiting = arrival(context);
  context.kernelDisplayStatus = 'unknown';
  context.sessionChanged.emit();
  assert.equal(await resolved(waiting), true);
});

test('closing the notebook lets the cell go', async () => {
  const context = new FakeContext();
  const waiting = arrival(context);
  context.isDisposed = true;
  context.disposed.emit();
  assert.equal(await resolved(waiting), true);
});

test('a kernel that is there is waited for by nobody', async () => {
  const context = new FakeContext();
  context.kernelDisplayStatus = 'busy';
  assert.equal(isComing(context), false);
  assert.equal(await resolved(arrival(context)), true);
});
