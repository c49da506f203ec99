// The entry of Notebook 7: one document a page. Which page this is stands in the page's configuration.
import { NotebookApp, NotebookShell } from '@jupyter-notebook/application';
import type { JupyterLab } from '@jupyterlab/application';
import { PageConfig } from '@jupyterlab/coreutils';
import { IServiceManager } from '@jupyterlab/services';
import { PluginRegistry } from '@lumino/coreutils';
import { extensions, mimeExtensions, pages, without } from 'bundled-notebook';
import 'bundled-notebook-styles';
import { collect } from './collect';
import { startMarked } from './marks';
import { wantedBy } from './wanted';

async function main(): Promise<void> {
  const collected = collect(extensions, mimeExtensions, {
    ...PageConfig.Extension,
    without,
    wanted: wantedBy(pages, PageConfig.getOption('notebookPage'))
  });
  // The plugin manager and the settings page read the list of all pages from here.
  PageConfig.setOption('allPlugins', JSON.stringify(pages));
  const pluginRegistry = new PluginRegistry<JupyterLab>();
  pluginRegistry.registerPlugins(collected.plugins);
  const serviceManager = await pluginRegistry.resolveRequiredService(IServiceManager);
  const app = new NotebookApp({
    pluginRegistry,
    serviceManager,
    shell: new NotebookShell(),
    mimeExtensions: collected.mimeExtensions,
    availablePlugins: collected.available
  });
  await startMarked(app, () => app.start());
}

void main();
