import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import type { ISessionContext } from '@jupyterlab/apputils';
import { PageConfig } from '@jupyterlab/coreutils';
import { IConsoleTracker } from '@jupyterlab/console';
import { INotebookTracker } from '@jupyterlab/notebook';
import { KernelAPI, type Kernel } from '@jupyterlab/services';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStatusBar } from '@jupyterlab/statusbar';
import { Widget } from '@lumino/widgets';
import { busyText, readBusy } from './busy';
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

// What is over in less is not worth a word, and a question to the hub.
const shortWork = 1500;

class StatusLine extends Widget {
  private readonly said = document.createElement('span');
  private readonly busy = document.createElement('span');
  private timer = 0;

  constructor(private readonly app: JupyterFrontEnd, private readonly kernels: OpenKernels) {
    super({ node: document.createElement('span') });
    this.id = 'hub-status';
    this.addClass('hub-Status');
    this.busy.className = 'hub-Busy';
    this.busy.setAttribute('role', 'status');
    this.node.append(this.busy, this.said);
    app.shell.currentChanged?.connect(() => { this.draw(); this.watch(); });
    kernels.forEach((context: ISessionContext) => {
      context.kernelChanged.connect(() => this.draw());
      context.statusChanged.connect(() => this.watch());
    });
    this.draw();
  }

  override dispose(): void {
    window.clearTimeout(this.timer);
    super.dispose();
  }

  private kernel(): Kernel.IKernelConnection | null {
    return this.kernels.of(this.app.shell.currentWidget)?.session?.kernel ?? null;
  }

  private draw(): void {
    const { text, title } = statusText(PageConfig.getOption('hubUser'), this.kernel()?.id ?? null, PageConfig.getOption('hubServerName'));
    this.said.textContent = text;
    this.node.title = title;
  }

  /** While the kernel in front is busy, asks the hub now and then with what. */
  private watch(): void {
    window.clearTimeout(this.timer);
    const kernel = this.kernel();
    if (kernel === null || kernel.status !== 'busy') {
      this.say('');
      return;
    }
    this.timer = window.setTimeout(async () => {
      // Without an answer nothing is known; the connection itself tells that the hub is away.
      const model: unknown = await KernelAPI.getKernelModel(kernel.id, this.app.serviceManager.serverSettings).catch(() => undefined);
      if (!this.isDisposed && this.kernel() === kernel && kernel.status === 'busy') {
        const busy = readBusy(model);
        this.say(busy === null ? '' : busyText(busy, at => new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })));
        this.watch();
      }
    }, shortWork);
  }

  /** Screen readers say it when it changes. */
  private say(text: string): void {
    if (this.busy.textContent !== text) {
      this.busy.textContent = text;
    }
  }
}
