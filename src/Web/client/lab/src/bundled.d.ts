// Written by tools/bundled.ts from extensions.json while the bundle is built.

declare module 'bundled-lab' {
  import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
  import type { AnyPlugin, BundledExtension } from './collect';
  export const extensions: readonly BundledExtension<AnyPlugin>[];
  export const mimeExtensions: readonly BundledExtension<IRenderMime.IExtension>[];
  /** Ids of plugins that are in the packages and not in the product. */
  export const without: readonly string[];
}

declare module 'bundled-notebook' {
  import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
  import type { AnyPlugin, BundledExtension, Wanted } from './collect';
  export const extensions: readonly BundledExtension<AnyPlugin>[];
  export const mimeExtensions: readonly BundledExtension<IRenderMime.IExtension>[];
  /** Ids of plugins that are in the packages and not in the product. */
  export const without: readonly string[];
  /** Which plugins a page wants; `/` is wanted by every page. */
  export const pages: Readonly<Record<string, Wanted>>;
}

declare module 'bundled-lab-styles';
declare module 'bundled-notebook-styles';

interface Window {
  /** The application, for browser tests, when the page's configuration says `exposeAppInBrowser`. */
  jupyterapp?: unknown;
}
