/**
 * Builds the panel's script into `dist`: one file whose name holds a hash of its content, its `.br` and `.gz` beside it, and `manifest.json`, which
 * names it. The folder is made under another name and put in place at the end, so a hub that is running never meets half of it.
 */
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import { build } from 'esbuild';

const root = path.resolve(import.meta.dirname, '..');
const dist = path.join(root, 'dist');
const out = path.join(root, 'dist.new');

fs.rmSync(out, { recursive: true, force: true });
const made = await build({
  entryPoints: { admin: path.join(root, 'src/main.ts') },
  outdir: out,
  entryNames: '[name].[hash]',
  bundle: true,
  format: 'esm',
  target: 'es2022',
  minify: true,
  legalComments: 'eof',
  metafile: true
});
const script = Object.keys(made.metafile.outputs).map(file => path.basename(file)).find(file => file.endsWith('.js'));
if (script === undefined) {
  throw new Error('The bundler wrote no script.');
}
const content = fs.readFileSync(path.join(out, script));
fs.writeFileSync(path.join(out, `${script}.br`), zlib.brotliCompressSync(content));
fs.writeFileSync(path.join(out, `${script}.gz`), zlib.gzipSync(content, { level: 9 }));
fs.writeFileSync(path.join(out, 'manifest.json'), JSON.stringify({ script }) + '\n');
fs.rmSync(dist, { recursive: true, force: true });
fs.renameSync(out, dist);
