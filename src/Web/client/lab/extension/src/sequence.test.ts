import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectionOf, readSequence, SequenceBook, withSequence } from './sequence';

const v1 = 'v1.kernel.websocket.jupyter.org';
const address = 'ws://hub/user/ada/api/kernels/k1/channels?session_id=s1';

/** A frame of six offsets (count first, as the protocol has it), then its parts. */
function frame(metadata: string, content = '{}'): ArrayBuffer {
  const parts = ['iopub', '{"msg_type":"stream"}', '{}', metadata, content].map(part => new TextEncoder().encode(part));
  const count = parts.length + 1;
  const size = 8 * (count + 1) + parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(count), true);
  let at = 8 * (count + 1);
  parts.forEach((part, place) => {
    view.setBigUint64(8 * (place + 1), BigInt(at), true);
    bytes.set(part, at);
    at += part.length;
  });
  view.setBigUint64(8 * count, BigInt(at), true);
  return bytes.buffer;
}

test('the number is read from the metadata of a frame, and from nowhere else', () => {
  assert.equal(readSequence(frame('{"hub_seq":12}'), v1), 12);
  assert.equal(readSequence(frame('{"hub_seq":9007199254740991,"tags":[]}'), v1), Number.MAX_SAFE_INTEGER);
  assert.equal(readSequence(frame('{}', '{"hub_seq":12}'), v1), null);
  assert.equal(readSequence(frame('{"hub_seq":}'), v1), null);
  assert.equal(readSequence(frame('{"a":1,"hub_seq":12}'), v1), null, 'only as the first member, as the hub writes it');
});

test('frames that are cut or lie about their offsets have no number', () => {
  const whole = frame('{"hub_seq":12}');
  for (let length = 0; length < whole.byteLength; length++) {
    const number = readSequence(whole.slice(0, length), v1);
    assert.ok(number === null || number === 12 || number === 1, `${length} bytes gave ${number}`);
  }
  const lying = frame('{"hub_seq":12}');
  new DataView(lying).setBigUint64(32, 2n ** 60n, true);
  assert.equal(readSequence(lying, v1), null);
  assert.equal(readSequence('text', v1), null);
});

test('the older framing has the number in the metadata of its JSON', () => {
  assert.equal(readSequence('{"channel":"iopub","metadata":{"hub_seq":7},"content":{}}', ''), 7);
  assert.equal(readSequence('{"metadata":{},"content":{"metadata":{"hub_seq":7}}}', ''), null);
  assert.equal(readSequence('no "hub_seq" JSON', ''), null);
  const json = new TextEncoder().encode('{"metadata":{"hub_seq":8}}');
  const bytes = new Uint8Array(12 + json.length + 3);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 2);
  view.setUint32(4, 12);
  view.setUint32(8, 12 + json.length);
  bytes.set(json, 12);
  assert.equal(readSequence(bytes.buffer, ''), 8);
});

test('a socket of a kernel names the number its session has seen, 0 the first time', () => {
  const book = new SequenceBook();
  const newest = (connection: string): number => book.newest(connection);
  assert.equal(withSequence(address, newest), `${address}&seq=0`);
  book.note(connectionOf(address) ?? '', 41);
  book.note(connectionOf(address) ?? '', 40);
  assert.equal(withSequence(address, newest), `${address}&seq=41`);
  assert.equal(withSequence(address.replace('s1', 's2'), newest), `${address.replace('s1', 's2')}&seq=0`);
  assert.equal(withSequence(address.replace('k1', 'k2'), newest), `${address.replace('k1', 'k2')}&seq=0`);
});

test('other sockets keep their address', () => {
  for (const other of ['ws://hub/user/ada/api/events/subscribe', 'ws://hub/user/ada/terminals/websocket/1', 'ws://hub/user/ada/api/kernels/k1/channels']) {
    assert.equal(withSequence(other, () => 5), other);
  }
});

test('the book forgets the oldest connections first', () => {
  const book = new SequenceBook();
  for (let place = 0; place < 300; place++) {
    book.note(`k ${place}`, 1);
    book.note('k kept', place + 1);
  }
  assert.equal(book.newest('k kept'), 300);
  assert.equal(book.newest('k 0'), 0);
  assert.equal(book.newest('k 299'), 1);
});
