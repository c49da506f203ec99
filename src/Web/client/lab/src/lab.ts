// The entry of JupyterLab: many documents in one page.
import { JupyterLab } from '@jupyterlab/application';
import { JupyterPluginRegistry, PageConfig } from '@jupyterlab/coreutils';
import { IConnectionStatus, IServiceManager } from '@jupyterlab/services';
import { extensions, mimeExtensions, without } from 'bundled-lab';
import 'bundled-lab-styles';
import { collect } from './collect';
import { startMarked } from './marks';

async function main(): Promise<void> {
  const collected = collect(extensions, mimeExtensions, { ...PageConfig.Extension, without });
  const pluginRegistry = new JupyterPluginRegistry<JupyterLab>();
  pluginRegistry.registerPlugins(collected.plugins);
  const connectionStatus = await pluginRegistry.resolveOptionalService(IConnectionStatus);
  const serviceManager = await pluginRegistry.resolveRequiredService(IServiceManager);
  const lab = new JupyterLab({
    pluginRegistry,
    serviceManager,
    connectionStatus: connectionStatus ?? undefined,
    mimeExtensions: collected.mimeExtensions,
    disabled: { matches: collected.disabled, patterns: PageConfig.Extension.disabled },
    deferred: { matches: collected.deferred, patterns: PageConfig.Extension.deferred },
    availablePlugins: collected.available
  });
  await startMarked(lab, () => lab.start({ ignorePlugins: collected.deferred, bubblingKeydown: true }));
}

void main();
