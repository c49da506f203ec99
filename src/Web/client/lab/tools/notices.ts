import fs from 'node:fs';
import path from 'node:path';
import type { Compiler } from '@rspack/core';
import type { PackageData } from './packages';

/** One package that is inside the bundle. */
export interface Notice {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly text: string;
}

/** Collects, while the bundle is made, the folders of the packages whose files went into it. */
export class ModuleList {
  private readonly folders = new Set<string>();

  watch(compiler: Compiler): void {
    compiler.hooks.finishMake.tap('ModuleList', compilation => {
      for (const module of compilation.modules) {
        const resource = (module as { resource?: unknown }).resource;
        const folder = typeof resource === 'string' ? packageFolder(resource) : null;
        if (folder !== null) {
          this.folders.add(folder);
        }
      }
    });
  }

  notices(): Notice[] {
    return [...this.folders]
      .map(readNotice)
      .sort((a, b) => a.name.localeCompare(b.name, 'en') || a.version.localeCompare(b.version, 'en'))
      .filter((notice, index, all) => notice.name !== all[index - 1]?.name || notice.version !== all[index - 1]?.version);
  }
}

/** The folder of the innermost package a file belongs to; null for a file of ours. */
export function packageFolder(file: string): string | null {
  const match = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(file);
  return match === null ? null : match[0];
}

/** The text that ships beside the bundle: who made what is in it, and under which terms. */
export function noticesText(notices: readonly Notice[]): string {
  const parts = notices.map(({ name, version, license, text }) => `${'='.repeat(80)}\n${name} ${version}\nLicence: ${license}\n\n${text.trim()}\n`);
  return `The JupyterLab bundle of Notebook Hub contains these packages.\n\n${parts.join('\n')}`;
}

function readNotice(folder: string): Notice {
  const data = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')) as PackageData;
  const license = typeof data.license === 'string' ? data.license : data.license?.type ?? 'see below';
  const files = fs.readdirSync(folder).filter(file => /^(licen[cs]e|copying|notice)/i.test(file) && !/\.(js|ts|json)$/.test(file));
  const text = files.sort().map(file => fs.readFileSync(path.join(folder, file), 'utf8')).join('\n\n');
  return { name: data.name, version: data.version, license, text };
}
