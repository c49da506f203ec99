import assert from 'node:assert/strict';
import { test } from 'node:test';
import { homeNotice, homeStatus, homeUsageSchema, isWorse, readHomeEvent, readHomeStatus, type HomeUsage } from './home';

const said = { used_bytes: 3_900_000_000, limit_bytes: 2 ** 32, level: 'high' };
const usage: HomeUsage = { usedBytes: 3_900_000_000, limitBytes: 2 ** 32, level: 'high' };

test('an event and the status of the server tell the same', () => {
  assert.deepEqual(readHomeEvent({ schema_id: homeUsageSchema, ...said }), usage);
  assert.deepEqual(readHomeStatus({ kernels: 1, home: said }), usage);
});

test('without a limit, and in other events, nothing is told', () => {
  assert.equal(readHomeEvent({ schema_id: 'urn:another', ...said }), null);
  assert.equal(readHomeStatus({ kernels: 1, home: null }), null);
  assert.equal(readHomeStatus(undefined), null);
  assert.equal(readHomeStatus({ home: { ...said, level: 'purple' } }), null);
  assert.equal(readHomeStatus({ home: { ...said, limit_bytes: 0 } }), null);
});

test('the status bar says how much, and its title of what', () => {
  assert.deepEqual(homeStatus(usage), { text: 'Home 90 %', title: '3.6 GiB of 4 GiB in this home are used' });
});

test('each level has its notice, and none is cut by JupyterLab', () => {
  assert.equal(homeNotice({ ...usage, level: 'fine' }), null);
  assert.equal(homeNotice({ ...usage, level: 'full' }), 'The home is full: 3.6 GiB of 4 GiB. Delete what is not needed to save new files; opening and deleting work.');
  for (const level of ['high', 'nearly', 'full'] as const) {
    assert.ok((homeNotice({ usedBytes: 1023.9 * 2 ** 30, limitBytes: 1023.9 * 2 ** 30, level }) ?? '').length <= 140, level);
  }
});

test('full is worse than nearly full, and nothing is worse than itself', () => {
  assert.ok(isWorse('full', 'nearly'));
  assert.ok(!isWorse('high', 'high'));
  assert.ok(!isWorse('fine', 'full'));
});
