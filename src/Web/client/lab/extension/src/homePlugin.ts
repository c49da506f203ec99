import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import { IStatusBar } from '@jupyterlab/statusbar';
import { Widget } from '@lumino/widgets';
import { homeNotice, homeStatus, isWorse, readHomeEvent, readHomeStatus, type HomeLevel, type HomeUsage } from './home';

/** Shows how much of its limit the home holds, and tells before it is full. */
export const homePlugin: JupyterFrontEndPlugin<void> = {
  id: '@notebook-hub/lab-extension:home',
  description: 'Shows how much of its limit the home holds, and tells before it is full.',
  autoStart: true,
  optional: [IStatusBar],
  activate: (app: JupyterFrontEnd, statusBar) => {
    const teller = new HomeTeller();
    // Notebook 7 has no status bar; its pages have the notices.
    (statusBar as IStatusBar | null)?.registerStatusItem(homePlugin.id, { item: teller.line, align: 'middle', rank: 11 });
    app.serviceManager.events.stream.connect((_, emission) => {
      const usage = readHomeEvent(emission);
      if (usage !== null) {
        teller.take(usage);
      }
    });
    void askStatus(app).then(usage => {
      // An event that came meanwhile is newer.
      if (usage !== null && teller.isNew) {
        teller.take(usage);
      }
    });
  }
};

async function askStatus(app: JupyterFrontEnd): Promise<HomeUsage | null> {
  const settings = app.serviceManager.serverSettings;
  const answer = await ServerConnection.makeRequest(URLExt.join(settings.baseUrl, 'api/status'), {}, settings).catch(() => null);
  return answer?.ok === true ? readHomeStatus(await answer.json().catch(() => null)) : null;
}

/** The line in the status bar, and at most one notice. */
class HomeTeller {
  readonly line = new Widget({ node: document.createElement('span') });
  private level: HomeLevel = 'fine';
  private notice: string | null = null;
  private heard = false;

  constructor() {
    this.line.id = 'hub-home';
    this.line.addClass('hub-Status');
    this.line.hide();
  }

  get isNew(): boolean {
    return !this.heard;
  }

  take(usage: HomeUsage): void {
    this.heard = true;
    const { text, title } = homeStatus(usage);
    this.line.node.textContent = text;
    this.line.node.title = title;
    this.line.show();
    const before = this.level;
    this.level = usage.level;
    if (usage.level === before) {
      return;
    }
    if (this.notice !== null) {
      Notification.dismiss(this.notice);
      this.notice = null;
    }
    const words = homeNotice(usage);
    // What became better needs no new word, but the old one is not true any more.
    if (words !== null && isWorse(usage.level, before)) {
      this.notice = Notification.emit(words, usage.level === 'full' ? 'error' : 'warning', { autoClose: usage.level === 'high' ? 15_000 : false });
    }
  }
}
