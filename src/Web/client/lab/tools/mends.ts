import type { LoaderDefinitionFunction, RuleSetRule } from '@rspack/core';

/** A small fault in somebody else's file, put right while the bundle is made. */
interface Mend {
  /** How the file's path ends. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly why: string;
}

const mends: readonly Mend[] = [
  {
    file: '@jupyterlab/shortcuts-extension/lib/index.js',
    from: 'if (plugin !== shortcuts.id) {',
    to: 'if (plugin !== shortcuts.id && shortcuts.id in registry.plugins) {',
    why: 'Settings of another plugin may arrive before those of the shortcuts, which then reads what is not there.'
  },
  {
    file: '@jupyterlab/filebrowser-extension/lib/index.js',
    from: 'if (paths.file) {',
    to: 'if (paths.file && commands.hasCommand(CommandIDs.openPath)) {',
    why: 'Pages of Notebook that show one document have a file browser nobody sees, and not the command to open a path in it.'
  },
  {
    file: '@jupyterlab/services/lib/kernel/default.js',
    from: "console.error('Comm not found for comm id ' + content.comm_id);",
    to: '',
    why: 'Where several tabs share a kernel each hears how the others\' comms are closed; that is no error.'
  },
  {
    file: '@jupyter-widgets/jupyterlab-manager/lib/plugin.js',
    from: 'return sessionContext.session.kernel.id;',
    to: `while (!sessionContext.session?.kernel) {
      await new Promise(resolve => {
        const look = () => {
          sessionContext.kernelChanged.disconnect(look);
          sessionContext.sessionChanged.disconnect(look);
          resolve();
        };
        sessionContext.kernelChanged.connect(look);
        sessionContext.sessionChanged.connect(look);
      });
    }
    return sessionContext.session.kernel.id;`,
    why: 'After a start that failed there is no kernel; the widgets then stay dead for the one that is chosen next.'
  }
];

/** The rules that send each file in need through the loader below. */
export const mendRules: readonly RuleSetRule[] = mends.map(mend => ({
  test: (file: string) => file.replaceAll('\\', '/').endsWith(mend.file),
  enforce: 'pre',
  loader: import.meta.filename,
  options: { from: mend.from, to: mend.to }
}));

const loader: LoaderDefinitionFunction<Pick<Mend, 'from' | 'to'>> = function (source) {
  const { from, to } = this.getOptions();
  if (source.split(from).length !== 2) {
    // The package changed: look whether the fault is gone, and drop the mend or write it anew.
    throw new Error(`tools/mends.ts: "${from}" does not stand exactly once in ${this.resourcePath}.`);
  }
  return source.replace(from, () => to);
};

export default loader;
