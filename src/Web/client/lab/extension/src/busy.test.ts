import assert from 'node:assert/strict';
import { test } from 'node:test';
import { busyText, readBusy } from './busy';

const clock = (at: number): string => new Date(at).toISOString().slice(11, 16);
const hub = { busy_since: '2026-01-01T12:03:00Z', cell: 4, of: 7, queue: [{ user: 'ada' }] };

test('a busy kernel says since when, with which cell, and for whom', () => {
  const busy = readBusy({ id: 'k1', hub }) ?? assert.fail();
  assert.equal(busyText(busy, clock), 'busy since 12:03, cell 4 of 7, started by ada');
});

test('what is not known is left out', () => {
  const busy = readBusy({ hub: { busy_since: hub.busy_since } }) ?? assert.fail();
  assert.equal(busyText(busy, clock), 'busy since 12:03');
});

test('an idle kernel, or a hub that does not say, has nothing to tell', () => {
  assert.equal(readBusy({ hub: { ...hub, busy_since: null } }), null);
  assert.equal(readBusy({ id: 'k1' }), null);
  assert.equal(readBusy(undefined), null);
});
