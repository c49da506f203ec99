import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOpen, missedBy, readExecutions, type Execution } from './executions';
import { changeOf, type Message } from './following';

const entry = {
  msg_id: 'm1', user: 'ada', client_id: 'before', cell_id: 'c1', state: 'running', code_sha256: 'ab', asked: '2026-01-01T12:00:00Z',
  started: '2026-01-01T12:00:01Z', ended: null, execution_count: 4, seq: 10, outputs: [{ output_type: 'stream', name: 'stdout', text: 'a\n' }]
};

function executions(...entries: object[]): readonly Execution[] {
  return readExecutions({ seq: 20, execution_state: 'busy', hub: {}, executions: entries })?.executions ?? assert.fail('not read');
}

function message(type: string, content: object, number?: number, parent = 'm1'): Message {
  return { header: { msg_type: type }, parent_header: { msg_id: parent }, metadata: number === undefined ? {} : { hub_seq: number }, content };
}

test('the answer is read with the number its outputs hold for', () => {
  const told = readExecutions({ seq: 20, execution_state: 'busy', hub: {}, executions: [entry, { ...entry, state: 'unheard of' }, 'none'] });
  assert.equal(told?.sequence, 20);
  assert.equal(told?.executions.length, 1);
  assert.deepEqual(told?.executions[0]?.outputs, entry.outputs);
  assert.ok(isOpen(told?.executions[0] ?? assert.fail()));
  assert.equal(readExecutions({ message: 'no such kernel' }), null);
  assert.equal(readExecutions(null), null);
});

test('a page misses what still runs and what ended after the notebook was saved, but not what it ran itself', () => {
  const saved = Date.parse('2026-01-01T12:30:00Z');
  const missed = (...entries: object[]): string[] => missedBy('me', saved, executions(...entries)).map(execution => execution.id);
  assert.deepEqual(missed(entry), ['m1']);
  assert.deepEqual(missed({ ...entry, state: 'queued' }), ['m1']);
  assert.deepEqual(missed({ ...entry, client_id: 'me' }), []);
  assert.deepEqual(missed({ ...entry, cell_id: null }), []);
  assert.deepEqual(missed({ ...entry, state: 'done', ended: '2026-01-01T12:31:00Z' }), ['m1']);
  assert.deepEqual(missed({ ...entry, state: 'error', ended: '2026-01-01T12:31:00Z' }), ['m1']);
  assert.deepEqual(missed({ ...entry, state: 'done', ended: '2026-01-01T12:29:00Z' }), []);
  assert.deepEqual(missed({ ...entry, state: 'aborted', ended: '2026-01-01T12:31:00Z' }), []);
});

test('of a cell that was run twice the last run counts', () => {
  const later = { ...entry, msg_id: 'm2', client_id: 'me' };
  assert.deepEqual(missedBy('me', 0, executions(entry, later)), []);
  assert.deepEqual(missedBy('me', 0, executions(entry, { ...later, client_id: 'other' })).map(execution => execution.id), ['m2']);
});

test('what the answer holds already is not added twice, and what comes after it is', () => {
  const line = { name: 'stdout', text: 'b\n' };
  assert.equal(changeOf(message('stream', line, 20), 'm1', 20), null);
  assert.deepEqual(changeOf(message('stream', line, 21), 'm1', 20), { kind: 'add', output: { output_type: 'stream', ...line } });
  assert.deepEqual(changeOf(message('stream', line), 'm1', 20)?.kind, 'add', 'a hub without numbers');
  assert.equal(changeOf(message('stream', line, 21, 'other'), 'm1', 20), null);
  assert.equal(changeOf({ ...message('stream', line, 21), parent_header: {} }, 'm1', 20), null);
});

test('each kind of output becomes what a notebook holds', () => {
  const change = (type: string, content: object): unknown => changeOf(message(type, content, 21), 'm1', 20);
  const data = { 'text/plain': '2' };
  assert.deepEqual(change('execute_result', { data, metadata: {}, execution_count: 4 }),
    { kind: 'add', output: { output_type: 'execute_result', data, metadata: {}, execution_count: 4 } });
  assert.deepEqual(change('display_data', { data, transient: { display_id: 'd' } }), { kind: 'add', output: { output_type: 'display_data', data, metadata: {} } });
  assert.deepEqual(change('error', { ename: 'E', evalue: 'v', traceback: ['t'] }), { kind: 'add', output: { output_type: 'error', ename: 'E', evalue: 'v', traceback: ['t'] } });
  assert.deepEqual(change('clear_output', { wait: true }), { kind: 'clear', wait: true });
  assert.deepEqual(change('update_display_data', { data }), { kind: 'ask' });
  assert.deepEqual(change('status', { execution_state: 'idle' }), { kind: 'end' });
  assert.equal(change('status', { execution_state: 'busy' }), null);
  assert.equal(change('comm_msg', {}), null);
});
