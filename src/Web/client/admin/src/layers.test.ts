import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

const source = import.meta.dirname;
const files = fs.readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts') && !file.endsWith('.test.ts'));

test('pages use components, components use shared, and never the other way', () => {
  const layers = ['shared', 'components', 'pages', '.'];
  const wrong = files.flatMap(file => {
    const own = layers.indexOf(path.dirname(file));
    return [...fs.readFileSync(path.join(source, file), 'utf8').matchAll(/from '(\.[^']+)'/g)]
      .map(found => path.dirname(path.join(path.dirname(file), found[1] ?? '')))
      .filter(used => layers.indexOf(used) > own)
      .map(used => `${file} uses ${used}`);
  });
  assert.deepEqual(wrong, []);
});

test('nothing is ever made of markup, and what is shared does not touch the page', () => {
  for (const file of files) {
    const text = fs.readFileSync(path.join(source, file), 'utf8');
    assert.doesNotMatch(text, /innerHTML|outerHTML|insertAdjacentHTML|document\.write/, file);
    if (file.startsWith('shared')) {
      assert.doesNotMatch(text, /document\.|window\./, file);
    }
  }
});
