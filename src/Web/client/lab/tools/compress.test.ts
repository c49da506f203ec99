import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import zlib from 'node:zlib';
import { compressAll } from './compress';

function folder(files: Record<string, string>): { root: string; dist: string; cache: string } {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'compress-'));
  const dist = path.join(root, 'dist');
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(dist, name)), { recursive: true });
    fs.writeFileSync(path.join(dist, name), text);
  }
  return { root, dist, cache: path.join(root, 'cache') };
}

const long = 'a line of a script;\n'.repeat(200);

test('both companions unpack to the file they stand beside', async t => {
  const { root, dist, cache } = folder({ 'deep/a.js': long });
  t.after(() => fs.rmSync(root, { recursive: true }));
  await compressAll(dist, cache);
  assert.equal(zlib.brotliDecompressSync(fs.readFileSync(path.join(dist, 'deep/a.js.br'))).toString(), long);
  assert.equal(zlib.gunzipSync(fs.readFileSync(path.join(dist, 'deep/a.js.gz'))).toString(), long);
});

test('pictures and small files get no companions', async t => {
  const { root, dist, cache } = folder({ 'a.png': long, 'b.js': 'short' });
  t.after(() => fs.rmSync(root, { recursive: true }));
  assert.deepEqual(await compressAll(dist, cache), { files: 0, cached: 0 });
  assert.deepEqual(fs.readdirSync(dist).sort(), ['a.png', 'b.js']);
});

test('what did not change comes from the cache, and what nobody uses leaves it', async t => {
  const files = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`${index}.js`, long + index]));
  const { root, dist, cache } = folder(files);
  t.after(() => fs.rmSync(root, { recursive: true }));
  assert.deepEqual(await compressAll(dist, cache), { files: 9, cached: 0 });
  fs.writeFileSync(path.join(dist, '0.js'), long + 'changed');
  assert.deepEqual(await compressAll(dist, cache), { files: 9, cached: 8 });
  assert.equal(fs.readdirSync(cache).length, 18);
});
