import fs from 'node:fs';
import path from 'node:path';
import { styleImport } from './packages';

/** What extensions.json says: which packages Lab and Notebook are made of. */
export interface Extensions {
  /** Plugins that are left out of their packages, each with the reason. */
  readonly without: Readonly<Record<string, string>>;
  readonly lab: { readonly extensions: readonly string[]; readonly mimeExtensions: Readonly<Record<string, string>> };
  readonly notebook: {
    readonly mimeExtensions: readonly string[];
    readonly pages: Readonly<Record<string, Readonly<Record<string, true | readonly string[]>>>>;
  };
}

export function readExtensions(root: string): Extensions {
  return JSON.parse(fs.readFileSync(path.join(root, 'extensions.json'), 'utf8')) as Extensions;
}

/** Every package that Lab or Notebook loads, once. */
export function allPackages(extensions: Extensions): string[] {
  return [...new Set([
    ...extensions.lab.extensions,
    ...Object.keys(extensions.lab.mimeExtensions),
    ...notebookPackages(extensions),
    ...extensions.notebook.mimeExtensions
  ])];
}

/** Writes the modules that import the packages, and returns their files by the name they are imported under. */
export function writeBundled(extensions: Extensions, directory: string): Record<string, string> {
  fs.mkdirSync(directory, { recursive: true });
  const { lab, notebook } = extensions;
  const without = `export const without = ${JSON.stringify(Object.keys(extensions.without))};\n`;
  const modules = {
    'bundled-lab': listing(lab.extensions, Object.entries(lab.mimeExtensions)) + without,
    'bundled-lab-styles': styles([...lab.extensions, ...Object.keys(lab.mimeExtensions)]),
    'bundled-notebook':
      listing(notebookPackages(extensions), notebook.mimeExtensions.map(name => [name, ''])) +
      without +
      `export const pages = ${JSON.stringify(notebook.pages)};\n`,
    'bundled-notebook-styles': styles([
      '@jupyter-notebook/tree',
      '@jupyter-notebook/ui-components',
      '@jupyter-notebook/application',
      ...notebookPackages(extensions),
      ...notebook.mimeExtensions
    ])
  };
  return Object.fromEntries(Object.entries(modules).map(([name, text]) => {
    const file = path.join(directory, `${name}.js`);
    fs.writeFileSync(file, text);
    return [name, file];
  }));
}

function notebookPackages(extensions: Extensions): string[] {
  return [...new Set(Object.values(extensions.notebook.pages).flatMap(page => Object.keys(page)))];
}

function listing(names: readonly string[], mimes: readonly (readonly [name: string, file: string])[]): string {
  const pairs = (letter: string, all: readonly string[]): string =>
    `[${all.map((name, index) => `['${name}', ${letter}${index}]`).join(', ')}]`;
  return [
    ...names.map((name, index) => `import * as e${index} from '${name}';`),
    ...mimes.map(([name, file], index) => `import * as m${index} from '${file ? `${name}/${file}` : name}';`),
    `export const extensions = ${pairs('e', names)};`,
    `export const mimeExtensions = ${pairs('m', mimes.map(([name]) => name))};`,
    ''
  ].join('\n');
}

function styles(names: readonly string[]): string {
  const imports = [...new Set(names)].map(styleImport).filter(line => line !== null);
  return [...imports.sort(), ''].join('\n');
}
