import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import zlib from 'node:zlib';

const brotli = promisify<Buffer, zlib.BrotliOptions, Buffer>(zlib.brotliCompress);
const gzip = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.gzip);

const compressible = /\.(js|css|svg|json|txt|map|ttf|eot|orig)$/;
// A smaller answer than this does not repay its headers.
const smallest = 512;
const atOnce = 2;

/** How many files got companions, and how many of those came from the cache. */
export interface Compressed {
  readonly files: number;
  readonly cached: number;
}

/**
 * Writes `.br` (level 11) and `.gz` (level 9) beside every file of a folder that gains by it. What was compressed once is
 * kept in `cache` under the hash of its content, so a rebuild costs only what changed.
 */
export async function compressAll(folder: string, cache: string): Promise<Compressed> {
  fs.mkdirSync(cache, { recursive: true });
  const files = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map(name => path.join(folder, name))
    .filter(file => compressible.test(file) && fs.statSync(file).size >= smallest)
    // The largest first, so that no worker is left alone with it at the end.
    .sort((a, b) => fs.statSync(b).size - fs.statSync(a).size);
  let next = 0;
  let cached = 0;
  const used = new Set<string>();
  const worker = async (): Promise<void> => {
    for (let file = files[next++]; file !== undefined; file = files[next++]) {
      const fromCache = await compressOne(file, cache, used);
      cached += fromCache ? 1 : 0;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  // What this build did not use belongs to an older one.
  fs.readdirSync(cache).filter(name => !used.has(name)).forEach(name => fs.rmSync(path.join(cache, name)));
  return { files: files.length, cached };
}

async function compressOne(file: string, cache: string, used: Set<string>): Promise<boolean> {
  const content = fs.readFileSync(file);
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 32);
  let fromCache = true;
  const companion = async (ending: string, compress: () => Promise<Buffer>): Promise<void> => {
    const kept = path.join(cache, hash + ending);
    used.add(hash + ending);
    if (!fs.existsSync(kept)) {
      fromCache = false;
      // A half-written file must never be taken for a whole one.
      fs.writeFileSync(`${kept}.part`, await compress());
      fs.renameSync(`${kept}.part`, kept);
    }
    fs.copyFileSync(kept, file + ending);
  };
  await companion('.br', () => brotli(content, {
    params: {
      [zlib.constants.BROTLI_PARAM_QUALITY]: 11,
      [zlib.constants.BROTLI_PARAM_SIZE_HINT]: content.length,
      [zlib.constants.BROTLI_PARAM_LGWIN]: 24
    }
  }));
  await companion('.gz', () => gzip(content, { level: 9 }));
  return fromCache;
}
