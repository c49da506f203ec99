import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isKernelRefused, refusedText } from './access';

test('who is refused by the server and known to the hub has lost the access', () => {
  for (const status of [403, 404]) {
    assert.match(refusedText(status, 200, 'olga') ?? '', /no access to the notebooks of olga/);
  }
});

test('who is refused by both is signed out', () => {
  for (const status of [401, 403]) {
    assert.match(refusedText(status, status, 'olga') ?? '', /signed out/);
  }
});

test('a hub that is away, busy or starting says nothing about access', () => {
  for (const [ofServer, ofHub] of [[200, 200], [null, null], [503, 503], [424, 200], [403, null], [403, 503], [500, 403]] as const) {
    assert.equal(refusedText(ofServer, ofHub, 'olga'), null);
  }
});

test('only the question how one kernel is counts as refused, and only when it was', () => {
  const one = 'http://127.0.0.1:8000/user/ada/api/kernels/321f43bc-0000?1790000000000';
  assert.equal(isKernelRefused('GET', one, 403), true);
  assert.equal(isKernelRefused('GET', 'http://127.0.0.1:8000/user/ada/second/api/kernels/321f43bc-0000', 401), true);
  for (const [method, url, status] of [
    ['GET', one, 404], ['GET', one, 200], ['DELETE', one, 403], ['GET', 'http://h/user/ada/api/kernels?1', 403], ['GET', 'http://h/user/ada/api/kernels', 403],
    ['GET', 'http://h/user/ada/api/sessions/321f43bc', 403], ['GET', 'http://h/user/ada/api/kernels/321f43bc/executions', 403]
  ] as const) {
    assert.equal(isKernelRefused(method, url, status), false, `${method} ${url} ${status}`);
  }
});
