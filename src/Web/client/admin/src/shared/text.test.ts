import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ago, bytes, memory, moment, percent, share, span, unknown } from './text';

test('what nobody can tell is unknown, not nothing', () => {
  assert.equal(bytes(null), unknown);
  assert.equal(percent(null), unknown);
  assert.equal(bytes(0), '0 MiB');
});

test('times are said as people say them and never lie in the future', () => {
  const now = Date.parse('2026-01-01T12:00:00Z');
  assert.equal(ago('2026-01-01T11:59:20+00:00', now), '40 s ago');
  assert.equal(ago('2026-01-01T12:00:05Z', now), '0 s ago');
  assert.equal(ago(null, now), 'never');
  assert.equal(span(3 * 3600_000 + 60_000), '3 h 1 min');
  assert.equal(moment('2026-01-01T12:00:00.123456Z'), '2026-01-01 12:00:00 UTC');
});

test('memory is said against its limit, and without one where there is none', () => {
  assert.equal(memory(120 * 2 ** 20, 2 ** 30), '120 MiB of 1 GiB');
  assert.equal(memory(1.5 * 2 ** 30, 2 * 2 ** 30), '1.5 GiB of 2 GiB');
  assert.equal(memory(120 * 2 ** 20, null), '120 MiB');
  assert.equal(memory(null, 2 ** 30), `${unknown} of 1 GiB`);
  assert.equal(share(2 ** 29, 2 ** 30), 0.5);
  assert.equal(share(2 ** 31, 2 ** 30), 1);
  assert.deepEqual([share(null, 5), share(5, null), share(5, 0)], [null, null, null]);
});
