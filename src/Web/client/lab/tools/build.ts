/**
 * Builds everything the hub serves of JupyterLab and Notebook into `dist`:
 *
 *   static/                 the bundle; every name holds a hash of its content
 *   themes/<package>/       one style sheet a theme
 *   schemas/<package>/      the settings schemas
 *   manifest.json           what each page loads
 *   default_setting_overrides.json
 *   THIRD-PARTY-NOTICES.txt
 *
 * Beside each compressible file stand its `.br` and `.gz`. The folder is made under another name and put in place at the end,
 * so a hub that is running never meets half a bundle.
 */
import fs from 'node:fs';
import path from 'node:path';
import { rspack, type Configuration, type MultiStats } from '@rspack/core';
import { application, theme } from '../rspack.config';
import { allPackages, readExtensions, writeBundled } from './bundled';
import { compressAll } from './compress';
import { entryFiles, type Manifest } from './manifest';
import { ModuleList, noticesText } from './notices';
import { installed } from './packages';
import { copySchemas } from './schemas';

const root = path.resolve(import.meta.dirname, '..');
const dist = path.join(root, 'dist');
const out = path.join(root, 'dist.new');
const cache = path.join(root, '.cache');

async function build(): Promise<void> {
  const started = performance.now();
  const say = (what: string): void => console.log(`${((performance.now() - started) / 1000).toFixed(1).padStart(5)} s  ${what}`);

  fs.rmSync(out, { recursive: true, force: true });
  const extensions = readExtensions(root);
  const names = allPackages(extensions);
  const modules = new ModuleList();
  const bundled = writeBundled(extensions, path.join(root, '.gen'));
  const themes = names.filter(name => theme(root, out, name) !== null);
  const configurations = [application(root, out, bundled, modules), ...themes.map(name => theme(root, out, name))];
  const stats = await run(configurations.filter(configuration => configuration !== null));
  say(`bundled ${names.length} packages and ${themes.length} themes`);

  const main = stats.stats[0];
  if (main === undefined) {
    throw new Error('The bundler reported nothing about the application.');
  }
  const nested = fs.readdirSync(path.join(out, 'static'), { withFileTypes: true }).filter(entry => entry.isDirectory());
  if (nested.length > 0) {
    throw new Error(`static/ must be flat, since the hub serves one name below it, and has the folder ${nested[0]?.name}.`);
  }
  const manifest: Manifest = {
    versions: { jupyterlab: installed('@jupyterlab/application-extension').data.version, notebook: installed('@jupyter-notebook/application').data.version },
    entries: entryFiles(main),
    themes,
    schemas: copySchemas(names, path.join(out, 'schemas'))
  };
  // The scripts that only carry a theme's style sheet are never asked for.
  for (const name of themes) {
    fs.rmSync(path.join(out, 'themes', name, 'index.js'), { force: true });
  }
  const notices = modules.notices();
  fs.writeFileSync(path.join(out, 'THIRD-PARTY-NOTICES.txt'), noticesText(notices));
  fs.copyFileSync(path.join(root, 'default_setting_overrides.json'), path.join(out, 'default_setting_overrides.json'));
  fs.writeFileSync(path.join(out, 'manifest.json'), JSON.stringify(manifest, null, 2) + '\n');
  say(`wrote ${manifest.schemas} schemas and the notices of ${notices.length} packages`);

  const { files, cached } = await compressAll(out, cache);
  say(`compressed ${files} files, ${cached} of them from the cache`);

  fs.rmSync(dist, { recursive: true, force: true });
  fs.renameSync(out, dist);
}

function run(configurations: Configuration[]): Promise<MultiStats> {
  return new Promise((resolve, reject) => {
    const compiler = rspack(configurations);
    compiler.run((error, stats) => {
      compiler.close(() => {
        if (error) {
          reject(error);
        } else if (stats === undefined || stats.hasErrors()) {
          reject(new Error(stats?.toString({ preset: 'errors-only' }) ?? 'The bundler gave no result.'));
        } else {
          resolve(stats);
        }
      });
    });
  });
}

await build();
