import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(import.meta.url);

/** What the build reads of a package's own description. */
export interface PackageData {
  readonly name: string;
  readonly version: string;
  readonly license?: string | { readonly type?: string };
  readonly style?: string;
  readonly styleModule?: string;
  readonly jupyterlab?: { readonly schemaDir?: string; readonly themePath?: string };
}

export interface InstalledPackage {
  readonly directory: string;
  readonly data: PackageData;
}

export function installed(name: string): InstalledPackage {
  const file = require.resolve(`${name}/package.json`);
  return { directory: path.dirname(file), data: JSON.parse(fs.readFileSync(file, 'utf8')) as PackageData };
}

/** The import of a package's styles, or null when it brings none. */
export function styleImport(name: string): string | null {
  const { data } = installed(name);
  const style = data.styleModule ?? data.style;
  return style === undefined ? null : `import '${name}/${style}';`;
}
