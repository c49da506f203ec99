import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSettings } from './settings';
import { statusText } from './statusText';

test('the line shows the first eight digits of the kernel and who is signed in', () => {
  assert.deepEqual(statusText('ada', '3fa85f64-5717-4562-b3fc-2c963f66afa6'), {
    text: '3fa85f64 · ada', title: 'Kernel 3fa85f64, signed in as ada'
  });
});

test('in a server with a name the line shows the name, too', () => {
  assert.deepEqual(statusText('ada', '3fa85f64-5717-4562-b3fc-2c963f66afa6', 'second'), {
    text: '3fa85f64 · ada · second', title: 'Kernel 3fa85f64, signed in as ada, in the server second'
  });
  assert.equal(statusText('ada', null, 'second').text, 'ada · second');
});

test('without a kernel the line shows the person alone', () => {
  assert.equal(statusText('ada', null).text, 'ada');
});

test('settings that are missing or of another type fall back to what the schema says', () => {
  assert.deepEqual(readSettings({}), { startNoticeAfter: 1, showStatus: true });
  assert.deepEqual(readSettings({ startNoticeAfter: 'soon', showStatus: false }), { startNoticeAfter: 1, showStatus: false });
});
