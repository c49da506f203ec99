import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mayReach } from './reach';

test('what is held for one person is offered for nobody else', () => {
  assert.equal(mayReach(['access:servers'], 'access:servers', 'ada', ''), true);
  assert.equal(mayReach(['access:servers!user=ada'], 'access:servers', 'ada', 'big'), true);
  assert.equal(mayReach(['access:servers!user=ada'], 'access:servers', 'bob', ''), false);
  assert.equal(mayReach(['access:servers!server=ada/big'], 'access:servers', 'ada', ''), false);
  assert.equal(mayReach(['access:servers!server=ada/'], 'access:servers', 'ada', ''), true);
  assert.equal(mayReach(['delete:servers!group=class-1'], 'delete:servers', 'ada', ''), true);
  assert.equal(mayReach(['read:servers', 'delete:servers!user=ada'], 'access:servers', 'ada', ''), false);
});
