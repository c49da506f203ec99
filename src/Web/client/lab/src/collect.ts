import type { JupyterLab } from '@jupyterlab/application';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import type { IPlugin } from '@lumino/coreutils';

/** One package of the bundle: its name, and what it exports. */
export type BundledExtension<T> = readonly [name: string, module: { readonly default: T | T[] }];

/** A plugin as JupyterLab's packages export it: which application it is for is known only to itself. */
export type AnyPlugin = IPlugin<JupyterLab, unknown>;

type Described = Pick<AnyPlugin, 'id' | 'autoStart'> & Partial<AnyPlugin>;

/** What the application is started with, once the page's configuration has been asked. */
export interface Collected {
  readonly plugins: AnyPlugin[];
  readonly mimeExtensions: IRenderMime.IExtensionModule[];
  readonly available: JupyterLab.IPluginInfo[];
  readonly disabled: string[];
  readonly deferred: string[];
}

/** Which plugins of a package a page wants: all, or those named. */
export type Wanted = Readonly<Record<string, true | readonly string[]>>;

/** What decides which plugins a page gets. */
export interface Choice {
  /** Ids of plugins that are in the packages and not in the product. */
  readonly without: readonly string[];
  /** By package name; undefined wants everything. */
  readonly wanted?: Wanted;
  /** What the page's configuration says of a plugin. */
  readonly isDisabled: (id: string) => boolean;
  readonly isDeferred: (id: string) => boolean;
}

/** Takes from the bundled packages the plugins that the page wants and its configuration does not disable. */
export function collect(
  extensions: readonly BundledExtension<AnyPlugin>[],
  mimeExtensions: readonly BundledExtension<IRenderMime.IExtension>[],
  { without, wanted, isDisabled, isDeferred }: Choice
): Collected {
  const available: JupyterLab.IPluginInfo[] = [];
  const disabled: string[] = [];
  const deferred: string[] = [];

  const take = <T extends IRenderMime.IExtension | AnyPlugin>(name: string, exported: T | T[]): T[] =>
    (Array.isArray(exported) ? exported : [exported]).filter(plugin => {
      const only = wanted?.[name];
      if (without.includes(plugin.id) || (Array.isArray(only) && !only.includes(plugin.id))) {
        return false;
      }
      const off = isDisabled(plugin.id);
      available.push(describe(name, plugin as Described, !off));
      if (off) {
        disabled.push(plugin.id);
      } else if (isDeferred(plugin.id)) {
        deferred.push(plugin.id);
      }
      return !off;
    });

  const mimes = mimeExtensions.flatMap(([name, module]) => take(name, module.default));
  const plugins = extensions
    .filter(([name]) => wanted === undefined || name in wanted)
    .flatMap(([name, module]) => take(name, module.default));
  return { plugins, mimeExtensions: mimes.map(asModule), available, disabled, deferred };
}

function describe(extension: string, plugin: Described, enabled: boolean): JupyterLab.IPluginInfo {
  return {
    id: plugin.id,
    description: plugin.description,
    requires: plugin.requires ?? [],
    optional: plugin.optional ?? [],
    provides: plugin.provides ?? null,
    autoStart: plugin.autoStart,
    enabled,
    extension
  };
}

/** The application takes the default export only of what says it is an ES module. */
function asModule(plugin: IRenderMime.IExtension): IRenderMime.IExtensionModule & { __esModule: true } {
  return { __esModule: true, default: plugin };
}
