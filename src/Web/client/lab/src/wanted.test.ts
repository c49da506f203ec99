import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wantedBy } from './wanted';

const pages = {
  '/': { kernel: true, search: ['search:one'] },
  '/tree': { search: ['search:two'], kernel: ['kernel:one'], browser: true }
} as const;

test('a page adds its own plugins to those of every page', () => {
  assert.deepEqual(wantedBy(pages, 'tree'), { kernel: true, search: ['search:one', 'search:two'], browser: true });
});

test('a page nobody described gets what every page gets', () => {
  assert.deepEqual(wantedBy(pages, 'unheard-of'), pages['/']);
});
