import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WallTile } from './models';
import { apply, initial } from './store';
import { doing, mergeTiles, newHands, ordered, summary } from './wall';

const tile = (user: string, more: Partial<WallTile> = {}): WallTile => ({
  user, name: user.toUpperCase(), state: 'idle', notebook: 'one.ipynb', busy_since: null, last_activity: null, hand: null, kernels: 1, reason: null, ...more
});
const wall = (...tiles: WallTile[]): ReadonlyMap<string, WallTile> => new Map(tiles.map(one => [one.user, one]));

test('changes are merged into what is known, who left is gone, and a whole wall replaces it', () => {
  let state = apply(initial, { kind: 'wall', changes: { class_id: 1, whole: true, tiles: [tile('anna'), tile('bert')], gone: [] } });
  assert.equal(state.told, true);
  state = apply(state, { kind: 'wall', changes: { class_id: 1, whole: false, tiles: [tile('bert', { state: 'error' })], gone: ['anna'] } });
  assert.deepEqual([...state.wall.values()].map(one => [one.user, one.state]), [['bert', 'error']]);
  assert.deepEqual([...mergeTiles(state.wall, { class_id: 1, whole: true, tiles: [], gone: [] })], []);
});

test('raised hands come first, the longest waiting before the others, and everybody else by name', () => {
  const all = wall(tile('anna'), tile('bert', { hand: '2026-01-01T10:00:05Z' }), tile('carl', { hand: '2026-01-01T10:00:01Z' }), tile('dora', { state: 'error' }));
  assert.deepEqual(ordered(all, '', '').map(one => one.user), ['carl', 'bert', 'anna', 'dora']);
  assert.deepEqual(ordered(all, '', 'hand').map(one => one.user), ['carl', 'bert']);
  assert.deepEqual(ordered(all, ' DOR', '').map(one => one.user), ['dora']);
  assert.deepEqual(ordered(all, '', 'error').map(one => one.user), ['dora']);
});

test('what somebody does is said in words', () => {
  const now = Date.parse('2026-01-01T10:01:00Z');
  assert.equal(doing(tile('a', { state: 'running', busy_since: '2026-01-01T10:00:30Z' }), now), 'running for 30 s');
  assert.equal(doing(tile('a', { state: 'error' }), now), 'last cell failed');
  assert.equal(doing(tile('a', { state: 'error', reason: 'out of memory' }), now), 'kernel died');
  assert.equal(doing(tile('a', { state: 'listed' }), now), 'not joined yet');
  assert.equal(summary(wall(tile('a', { state: 'running' }), tile('b', { hand: '2026-01-01T10:00:00Z' }))), '2 students, 1 running, 0 with an error, 1 hand up.');
});

test('a hand is read out once, when it goes up', () => {
  const before = wall(tile('a'), tile('b', { hand: '2026-01-01T10:00:00Z' }));
  const now = wall(tile('a', { hand: '2026-01-01T10:00:01Z' }), tile('b', { hand: '2026-01-01T10:00:00Z' }), tile('c', { hand: '2026-01-01T10:00:02Z' }));
  assert.deepEqual(newHands(before, now), ['A', 'C']);
});
