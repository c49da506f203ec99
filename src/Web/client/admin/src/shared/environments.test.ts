import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digest, limits, stateOf, toWish, toWritten } from './environments';
import type { EnvironmentRow, EnvironmentSettings } from './models';

const row: EnvironmentRow = {
  id: 'gpu', display_name: 'GPU', language: 'python', origin: 'panel', state: 'preparing', percent: 40, message: '', image: 'a:1', image_id: `sha256:${'0123456789ab'.repeat(5)}0123`, pinned: true, moved: false,
  groups: [], network: null, gpus: null, mounts: 0, memory_bytes: null, cpus: null, processes: null, open_files: null, shared_memory_bytes: null, temporary_bytes: null
};

test('what the form shows of settings makes the same settings again', () => {
  const settings: EnvironmentSettings = {
    enabled: true, display_name: 'Course', language: 'R', image: 'r:1', argv: ['R', '-f', '{connection_file}'], environment: { A: 'b=c', EMPTY: '' }, interrupt_mode: 'signal', groups: ['class-1', 'two words'],
    mounts: [{ source: '/srv/data', target: '/srv/course', read_only: true }], network: 'none', gpus: 'all', memory_bytes: 3 * 2 ** 29, cpus: 0.5, processes: 20, open_files: 64, shared_memory_bytes: 2 ** 20,
    temporary_bytes: null, idle_after: '01:00:00', longest_run: null, pool: 2
  };
  const { enabled, interrupt_mode, ...inForm } = settings;
  assert.deepEqual(toWish(toWritten(settings)), inForm);
  assert.equal(toWritten(null).language, 'python');
});

test('what cannot be understood is named, with its field', () => {
  const written = toWritten(null);
  assert.throws(() => toWish({ ...written, environment: 'A' }), /Variables: "A"/);
  assert.throws(() => toWish({ ...written, mounts: '/only/one' }), /Mounts: "\/only\/one"/);
  assert.throws(() => toWish({ ...written, memory: 'much' }), /Memory: "much" is no number/);
});

test('a row is said in a few words', () => {
  assert.equal(stateOf(row), 'preparing, 40 %');
  assert.equal(digest(row.image_id), '0123456789ab');
  assert.equal(limits(row), 'as the hub says');
  assert.equal(limits({ ...row, memory_bytes: 2 ** 30, cpus: 1, gpus: '2', mounts: 1 }), '1 GiB memory, 1 processor, 2 GPU, 1 mount');
});
