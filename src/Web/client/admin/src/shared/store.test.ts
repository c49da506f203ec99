import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KernelRow, ServerRow } from './models';
import { rowsPerPage } from './rows';
import { apply, doing, initial, shownKernels as shown, shownServers, type State } from './store';

const row = (id: string, more: Partial<KernelRow> = {}): KernelRow => ({
  id, user: 'ada', kind: 'python3', path: 'one.ipynb', state: 'idle', busy_since: null, busy_for: null, cell: 0, of: 0, tabs: 1,
  last_activity: '2026-01-01T00:00:00+00:00', memory: null, memory_limit: null, cpu: null, reason: null, failed: false, server: '', ...more
});
const told = (state: State, whole: boolean, rows: KernelRow[], gone: string[] = []): State => apply(state, { kind: 'kernels', changes: { whole, rows, gone } });

test('changes are merged into what is known, and a whole list replaces it', () => {
  let state = told(initial, true, [row('a'), row('b')]);
  state = told(state, false, [row('b', { state: 'busy' }), row('c')], ['a']);
  assert.deepEqual([...state.kernels.values()].map(one => [one.id, one.state]), [['b', 'busy'], ['c', 'idle']]);
  state = told(state, true, [row('d')]);
  assert.deepEqual([...state.kernels.keys()], ['d']);
});

test('no kernels is something else than not told yet', () => {
  assert.equal(initial.told, false);
  assert.equal(told(initial, true, []).told, true);
});

test('what was handed out before is never changed', () => {
  const before = told(initial, true, [row('a')]);
  told(before, false, [], ['a']);
  assert.equal(before.kernels.size, 1);
});

test('rows are filtered by text and state and sorted, the unknown first', () => {
  let state = told(initial, true, [row('a', { memory: 5 }), row('b', { user: 'bob', memory: null }), row('c', { memory: 3, state: 'busy' })]);
  state = apply(state, { kind: 'filter', change: { sort: 'memory' } });
  assert.deepEqual(shown(state).rows.map(one => one.id), ['b', 'c', 'a']);
  assert.deepEqual(shown(apply(state, { kind: 'filter', change: { text: ' BOB ' } })).rows.map(one => one.id), ['b']);
  assert.deepEqual(shown(apply(state, { kind: 'filter', change: { state: 'busy' } })).rows.map(one => one.id), ['c']);
});

test('five thousand rows are shown a page at a time, and another filter starts at the first page', () => {
  let state = told(initial, true, Array.from({ length: 5000 }, (_, i) => row(`k${i}`)));
  state = apply(state, { kind: 'filter', change: { page: 3 } });
  assert.equal(shown(state).rows.length, rowsPerPage);
  assert.equal(shown(state).page, 3);
  assert.equal(shown(apply(state, { kind: 'filter', change: { text: 'k' } })).page, 0);
  state = told(state, true, [row('x')]);
  assert.deepEqual([shown(state).page, shown(state).pages], [0, 1]);
});

test('a broken line keeps what is known', () => {
  const state = apply(told(initial, true, [row('a')]), { kind: 'line', line: 'away' });
  assert.equal(state.kernels.size, 1);
  assert.equal(state.line, 'away');
});

const server = (user: string, more: Partial<ServerRow> = {}): ServerRow => ({
  id: `${user}/`, user, name: '', state: 'running', started: '2026-01-01T00:00:00+00:00', last_activity: '2026-01-01T00:00:00+00:00', kernels: 0, busy: 0, tabs: 0,
  memory: 0, memory_limit: null, cpu: 0, ...more
});

test('servers are told beside kernels, found by owner, name and what they do, and sorted', () => {
  const rows = [server('ada', { kernels: 2, busy: 1, memory: 9 }), server('bob', { kernels: 1, memory: 5 }), server('cleo'), server('ada', { id: 'ada/big', name: 'big', state: 'stopping', kernels: 1, busy: 1 })];
  let state = apply(initial, { kind: 'servers', changes: { whole: true, rows, gone: [] } });
  assert.deepEqual(rows.map(doing), ['busy', 'idle', 'empty', 'stopping']);
  assert.deepEqual(shownServers(state).rows.map(one => one.id), ['ada/', 'ada/big', 'bob/', 'cleo/']);
  for (const [what, id] of [['busy', 'ada/'], ['idle', 'bob/'], ['empty', 'cleo/'], ['stopping', 'ada/big']] as const) {
    assert.deepEqual(shownServers(apply(state, { kind: 'filter', change: { state: what } })).rows.map(one => one.id), [id]);
  }
  assert.deepEqual(shownServers(apply(state, { kind: 'filter', change: { text: 'BIG' } })).rows.map(one => one.id), ['ada/big']);
  assert.equal(shownServers(apply(state, { kind: 'filter', change: { sort: 'memory', descending: true } })).rows[0]?.id, 'ada/');
  state = apply(state, { kind: 'servers', changes: { whole: false, rows: [], gone: ['ada/'] } });
  assert.equal(state.servers.size, 3);
  assert.equal(state.kernels.size, 0);
});
