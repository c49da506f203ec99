import assert from 'node:assert/strict';
import { test } from 'node:test';
import { archiveUrl, contentsSchema, foldersOf } from './files';

test('a change concerns the folder it happened in, and its own path, which may be a folder', () => {
  assert.deepEqual(foldersOf({ schema_id: contentsSchema, action: 'save', path: 'a/b/c.txt' }), ['a/b/c.txt', 'a/b']);
  assert.deepEqual(foldersOf({ schema_id: contentsSchema, action: 'create', path: 'top.txt' }), ['top.txt', '']);
});

test('a rename concerns both folders, each once', () => {
  assert.deepEqual(foldersOf({ schema_id: contentsSchema, action: 'rename', path: 'a/new', source_path: 'a/old' }), ['a/new', 'a', 'a/old']);
});

test('other events, and broken ones, concern no folder', () => {
  assert.deepEqual(foldersOf({ schema_id: 'urn:notebook-hub:home-usage:v1', path: 'a' }), []);
  assert.deepEqual(foldersOf({ schema_id: contentsSchema, path: 7 }), []);
  assert.deepEqual(foldersOf(null), []);
});

test('an archive is asked for beside whatever the address says already', () => {
  assert.equal(archiveUrl('/user/ada/files/a'), '/user/ada/files/a?format=zip');
  assert.equal(archiveUrl('/user/ada/files/a?_xsrf=x'), '/user/ada/files/a?_xsrf=x&format=zip');
});
