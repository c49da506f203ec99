import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { archiveUrl, foldersOf } from './files';

export const downloadFolder = 'notebook-hub:download-folder';

/** Events of one moment are shown together. */
const gatherMs = 200;

/** Shows changed files at once, and offers a folder as a zip. */
export const filesPlugin: JupyterFrontEndPlugin<void> = {
  id: '@notebook-hub/lab-extension:files',
  description: 'Shows files that kernels and other tabs change at once, and downloads folders.',
  autoStart: true,
  optional: [IFileBrowserFactory],
  activate: (app: JupyterFrontEnd, browsers) => {
    const factory = browsers as IFileBrowserFactory | null;
    if (factory !== null) {
      refreshOnChange(app, factory);
      addDownload(app, factory);
    }
  }
};

function refreshOnChange(app: JupyterFrontEnd, factory: IFileBrowserFactory): void {
  let changed = new Set<string>();
  app.serviceManager.events.stream.connect((_, emission) => {
    const folders = foldersOf(emission);
    if (folders.length === 0) {
      return;
    }
    if (changed.size === 0) {
      window.setTimeout(() => {
        const now = changed;
        changed = new Set();
        factory.tracker.forEach(browser => {
          if (now.has(app.serviceManager.contents.localPath(browser.model.path))) {
            // What fails here is asked again by the file browser's own poll.
            void browser.model.refresh().catch(() => undefined);
          }
        });
      }, gatherMs);
    }
    folders.forEach(folder => changed.add(folder));
  });
}

function addDownload(app: JupyterFrontEnd, factory: IFileBrowserFactory): void {
  app.commands.addCommand(downloadFolder, {
    label: 'Download Folder as an Archive',
    caption: 'Download this folder with all that is in it as a zip file',
    describedBy: { args: { type: 'object', properties: {} } },
    execute: async () => {
      for (const item of factory.tracker.currentWidget?.selectedItems() ?? []) {
        if (item.type === 'directory') {
          const link = document.createElement('a');
          link.href = archiveUrl(await app.serviceManager.contents.getDownloadUrl(item.path));
          link.download = '';
          document.body.appendChild(link);
          link.click();
          link.remove();
        }
      }
    }
  });
  app.contextMenu.addItem({ command: downloadFolder, selector: '.jp-DirListing-item[data-isdir="true"]', rank: 9 });
}
