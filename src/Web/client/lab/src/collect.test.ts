import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collect, type AnyPlugin, type BundledExtension, type Choice } from './collect';

const plugin = (id: string): AnyPlugin => ({ id, autoStart: true, activate: () => undefined });
const extensions: BundledExtension<AnyPlugin>[] = [
  ['many', { default: [plugin('many:one'), plugin('many:two')] }],
  ['single', { default: plugin('single:plugin') }]
];
const everything: Choice = { without: [], isDisabled: () => false, isDeferred: () => false };
const ids = (plugins: readonly AnyPlugin[]): string[] => plugins.map(({ id }) => id);

test('a page that wants nothing special gets every plugin', () => {
  assert.deepEqual(ids(collect(extensions, [], everything).plugins), ['many:one', 'many:two', 'single:plugin']);
});

test('a page gets only the packages and plugins it wants', () => {
  assert.deepEqual(ids(collect(extensions, [], { ...everything, wanted: { many: ['many:two'] } }).plugins), ['many:two']);
});

test('a plugin that is left out is not there at all', () => {
  const collected = collect(extensions, [], { ...everything, without: ['many:one'] });
  assert.deepEqual(ids(collected.plugins), ['many:two', 'single:plugin']);
  assert.ok(!collected.available.some(({ id }) => id === 'many:one'));
});

test('a plugin that the configuration disables is known and not started', () => {
  const collected = collect(extensions, [], { ...everything, isDisabled: id => id === 'single:plugin' });
  assert.deepEqual(ids(collected.plugins), ['many:one', 'many:two']);
  assert.deepEqual(collected.disabled, ['single:plugin']);
  assert.equal(collected.available.find(({ id }) => id === 'single:plugin')?.enabled, false);
});

test('a deferred plugin is registered and named, so that it starts later', () => {
  const collected = collect(extensions, [], { ...everything, isDeferred: id => id === 'many:one' });
  assert.deepEqual(collected.deferred, ['many:one']);
  assert.ok(ids(collected.plugins).includes('many:one'));
});

test('a renderer is handed on as a module that has a default export', () => {
  const mime = { id: 'mime:plugin', rendererFactory: { safe: true, mimeTypes: [], createRenderer: () => { throw new Error('not drawn here'); } } };
  assert.deepEqual(collect([], [['mime', { default: mime }]], everything).mimeExtensions, [{ __esModule: true, default: mime }]);
});
