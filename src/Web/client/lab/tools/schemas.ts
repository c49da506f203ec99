import fs from 'node:fs';
import path from 'node:path';
import { installed } from './packages';

/**
 * Copies the settings schemas of the packages to `<out>/<package>/<plugin>.json`, each folder with a `package.json.orig`
 * that tells the version, as jupyterlab_server lays them out.
 *
 * @returns how many schemas there are
 */
export function copySchemas(names: readonly string[], out: string): number {
  let count = 0;
  for (const name of names) {
    const { directory, data } = installed(name);
    const from = data.jupyterlab?.schemaDir;
    if (from === undefined) {
      continue;
    }
    const to = path.join(out, name);
    fs.mkdirSync(to, { recursive: true });
    fs.writeFileSync(path.join(to, 'package.json.orig'), JSON.stringify({ name, version: data.version }));
    for (const file of fs.readdirSync(path.join(directory, from)).filter(file => file.endsWith('.json'))) {
      fs.copyFileSync(path.join(directory, from, file), path.join(to, file));
      count++;
    }
  }
  return count;
}
