import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noticesText, packageFolder } from './notices';

test('a file belongs to the innermost package around it', () => {
  assert.equal(packageFolder('/x/node_modules/a/node_modules/@b/c/lib/d.js'), '/x/node_modules/a/node_modules/@b/c');
  assert.equal(packageFolder('/x/node_modules/react/index.js'), '/x/node_modules/react');
  assert.equal(packageFolder('/x/extension/src/index.ts'), null);
});

test('every package is named with its version, its licence and the licence\'s text', () => {
  const text = noticesText([{ name: 'a', version: '1.2.3', license: 'MIT', text: 'Permission is hereby granted\n\n' }]);
  assert.match(text, /a 1\.2\.3\nLicence: MIT\n\nPermission is hereby granted\n/);
});
