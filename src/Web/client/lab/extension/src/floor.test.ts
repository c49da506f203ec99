import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bannerText, noticeText, readFloor, seenThrough, visitText } from './floor';

const answer = {
  user: 'ada',
  class: { id: 7, name: 'Physics' },
  hand_raised_at: '2026-01-01T10:00:00Z',
  messages: [{ id: 3, by: 'Grace', text: 'Ten minutes left' }, { id: 4, by: 'Grace', text: '', path: 'Physics/data.csv' }],
  visits: [{ by: 'Grace', role: 'viewer' }]
};

test('the answer of the hub is read', () => {
  assert.deepEqual(readFloor(answer), {
    user: 'ada', classId: 7, className: 'Physics', handIsUp: true,
    messages: [{ id: 3, by: 'Grace', text: 'Ten minutes left', path: null }, { id: 4, by: 'Grace', text: '', path: 'Physics/data.csv' }],
    visitors: [{ by: 'Grace', helps: false }]
  });
});

test('whoever is in no class has no hand to raise', () => {
  assert.deepEqual(readFloor({ user: 'ada', class: null, hand_raised_at: null, messages: [], visits: [] }), {
    user: 'ada', classId: null, className: '', handIsUp: false, messages: [], visitors: []
  });
});

test('what is no answer is none, and broken parts of one are left out', () => {
  for (const wrong of [null, 'text', [], {}, { user: 4 }]) {
    assert.equal(readFloor(wrong), null);
  }
  const read = readFloor({ ...answer, class: { id: '7' }, messages: [{ id: 'x' }, 5, { id: 9, by: 'G', text: 'ok' }], visits: 'none' });
  assert.equal(read?.classId, null);
  assert.deepEqual(read?.messages, [{ id: 9, by: 'G', text: 'ok', path: null }]);
  assert.deepEqual(read?.visitors, []);
});

test('the banner says who does what, and nothing when nobody is there', () => {
  assert.equal(bannerText([]), null);
  assert.equal(bannerText([{ by: 'Grace', helps: false }, { by: 'Alan', helps: true }]), 'Grace is looking in your notebooks. Alan is helping in your notebooks.');
  assert.match(visitText('viewer', 'Ada'), /read, not change/);
  assert.match(visitText('helper', 'Ada'), /as a helper/);
  assert.match(visitText('something new', 'Ada'), /read, not change/);
});

test('a message is told as it was written, a file by its name', () => {
  assert.equal(noticeText({ id: 1, by: 'Grace', text: '<b>hi</b> [x](javascript:1)', path: null }), 'Grace: <b>hi</b> [x](javascript:1)');
  assert.equal(noticeText({ id: 1, by: 'Grace', text: '', path: 'Physics/day 2/data.csv' }), 'Grace handed you a file: data.csv');
});

test('a page asks again for what was not dismissed', () => {
  assert.equal(seenThrough(9, []), 9);
  assert.equal(seenThrough(9, [8, 5]), 4);
  assert.equal(seenThrough(3, [7]), 3);
});
