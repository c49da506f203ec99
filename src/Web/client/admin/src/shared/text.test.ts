import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ago, bytes, moment, percent, span, unknown } from './text';

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
