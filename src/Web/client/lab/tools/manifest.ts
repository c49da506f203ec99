import type { Stats } from '@rspack/core';

/** What the page of one entry loads. */
export interface EntryFiles {
  readonly scripts: string[];
  readonly stylesheets: string[];
  /** Files the entry's scripts ask for as they start: told to the browser at once, they come in one round trip less. */
  readonly preload: string[];
}

/** The bundle's table of contents, `dist/manifest.json`. File names are relative to `dist/static`. */
export interface Manifest {
  readonly versions: { readonly jupyterlab: string; readonly notebook: string };
  readonly entries: Record<string, EntryFiles>;
  readonly themes: string[];
  readonly schemas: number;
}

/** The files of each entry of a finished build, in the order the page names them. */
export function entryFiles(stats: Stats): Record<string, EntryFiles> {
  const { entrypoints = {} } = stats.toJson({ all: false, entrypoints: true });
  return Object.fromEntries(Object.entries(entrypoints).map(([name, entry]) => {
    const files = (entry.assets ?? []).map(asset => asset.name);
    const scripts = files.filter(file => file.endsWith('.js'));
    const stylesheets = files.filter(file => file.endsWith('.css'));
    return [name, { scripts, stylesheets, preload: [...stylesheets, ...scripts] }];
  }));
}
