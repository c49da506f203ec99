import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import type { ISessionContext } from '@jupyterlab/apputils';
import { PageConfig } from '@jupyterlab/coreutils';
import { IConsoleTracker } from '@jupyterlab/console';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStatusBar } from '@jupyterlab/statusbar';
import { Widget } from '@lumino/widgets';
import { OpenKernels } from './openKernels';
import { readSettings, settingsPluginId } from './settings';
import { statusText } from './statusText';

/** Which kernel the page in front runs on, and who is signed in. */
export const statusPlugin: JupyterFrontEndPlugin<void> = {
  id: '@notebook-hub/lab-extension:status',
  description: 'Shows the short id of the current kernel and who is signed in.',
  autoStart: true,
  optional: [INotebookTracker, IConsoleTracker, IStatusBar, ISettingRegistry],
  activate: (app: JupyterFrontEnd, notebooks, consoles, statusBar, settings) => {
    const line = new StatusLine(app, new OpenKernels(notebooks as INotebookTracker | null, consoles as IConsoleTracker | null));
    if (statusBar === null) {
      // Notebook 7 has no status bar; its top bar has room.
      app.shell.add(line, 'top', { rank: 950 });
    } else {
      (statusBar as IStatusBar).registerStatusItem(statusPlugin.id, { item: line, align: 'middle', rank: 10 });
    }
    void (settings as ISettingRegistry | null)?.load(settingsPluginId).then(loaded => {
      const read = (): void => line.setHidden(!readSettings(loaded.composite).showStatus);
      loaded.changed.connect(read);
      read();
    });
  }
};

class StatusLine extends Widget {
  constructor(private readonly app: JupyterFrontEnd, private readonly kernels: OpenKernels) {
    super({ node: document.createElement('span') });
    this.id = 'hub-status';
    this.addClass('hub-Status');
    app.shell.currentChanged?.connect(() => this.draw());
    kernels.forEach((context: ISessionContext) => context.kernelChanged.connect(() => this.draw()));
    this.draw();
  }

  private draw(): void {
    const context = this.kernels.of(this.app.shell.currentWidget);
    const { text, title } = statusText(PageConfig.getOption('hubUser'), context?.session?.kernel?.id ?? null);
    this.node.textContent = text;
    this.node.title = title;
    this.node.setAttribute('aria-label', title);
  }
}
