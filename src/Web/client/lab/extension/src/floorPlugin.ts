import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Dialog, ICommandPalette, Notification, showDialog, showErrorMessage } from '@jupyterlab/apputils';
import { PageConfig, URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import { IStatusBar } from '@jupyterlab/statusbar';
import { Widget } from '@lumino/widgets';
import { Banner } from './banner';
import { bannerText, floorSchema, longestNotice, noticeText, readFloor, seenThrough, visitOver, visitText, type ClassMessage, type Floor } from './floor';
import { hubSettings } from './hubSettings';
import { paragraphs } from './views';

export const handCommand = 'notebook-hub:hand';

/** The class while it meets: the hand, what the teacher says and hands out, and that a teacher is here. */
export const floorPlugin: JupyterFrontEndPlugin<void> = {
  id: '@notebook-hub/lab-extension:floor',
  description: 'Raises the hand, shows what a class is told, and says when a teacher is looking in.',
  autoStart: true,
  optional: [ICommandPalette, IStatusBar],
  activate: (app: JupyterFrontEnd, palette, statusBar) => {
    const banner = new Banner(app, 'hub-banner');
    const role = PageConfig.getOption('hubVisitRole');
    if (role !== '') {
      watchVisit(app, banner, role);
      return;
    }
    new FloorWatch(app, banner).start(palette as ICommandPalette | null, statusBar as IStatusBar | null);
  }
};

// Should a word of the hub be lost on the way, the page finds out by itself.
const askAgain = 30_000;
const visitAgain = 3_000;

/** The page of a teacher beside a student: says so, and says when it is over. */
function watchVisit(app: JupyterFrontEnd, banner: Banner, role: string): void {
  const settings = app.serviceManager.serverSettings;
  banner.show(visitText(role, PageConfig.getOption('hubVisitOf')));
  const timer = window.setInterval(async () => {
    const answer = await ServerConnection.makeRequest(URLExt.join(settings.baseUrl, 'api/me'), {}, settings).catch(() => null);
    if (answer !== null && (answer.status === 403 || answer.status === 404)) {
      window.clearInterval(timer);
      banner.show(visitOver);
    }
  }, visitAgain);
}

class FloorWatch {
  private floor: Floor | null = null;
  private newest = 0;
  private asking: Promise<void> | null = null;
  private stale = false;
  private readonly waiting = new Map<string, number>();
  private readonly button = new HandButton(() => { void this.app.commands.execute(handCommand); });
  private readonly hub: ServerConnection.ISettings;

  constructor(private readonly app: JupyterFrontEnd, private readonly banner: Banner) {
    this.hub = hubSettings(app.serviceManager.serverSettings);
  }

  start(palette: ICommandPalette | null, statusBar: IStatusBar | null): void {
    this.newest = readSeen();
    this.app.commands.addCommand(handCommand, {
      label: () => this.floor?.handIsUp === true ? 'Lower Hand' : 'Raise Hand',
      caption: 'Ask the teacher of your class to come to you',
      describedBy: { args: { type: 'object', properties: {} } },
      isToggled: () => this.floor?.handIsUp === true,
      isVisible: () => this.isStudent,
      isEnabled: () => this.isStudent,
      execute: () => this.moveHand()
    });
    palette?.addItem({ command: handCommand, category: 'Class' });
    if (statusBar === null) {
      this.app.shell.add(this.button, 'top', { rank: 940 });
    } else {
      statusBar.registerStatusItem(floorPlugin.id, { item: this.button, align: 'left', rank: 0 });
    }
    this.app.serviceManager.events.stream.connect((_, emission) => {
      if (emission.schema_id === floorSchema) {
        this.ask();
      }
    });
    Notification.manager.changed.connect((_, change) => {
      if (change.type === 'removed' && this.waiting.delete(change.notification.id)) {
        writeSeen(seenThrough(this.newest, this.waiting.values()));
      }
    });
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') {
        this.ask();
      }
    });
    window.addEventListener('online', () => this.ask());
    window.setInterval(() => this.ask(), askAgain);
    this.ask();
  }

  private get isStudent(): boolean {
    return this.floor?.classId !== null && this.floor?.classId !== undefined;
  }

  /** Asks now; what happens while an answer is on its way is asked for afterwards. */
  private ask(): void {
    if (this.asking !== null) {
      this.stale = true;
      return;
    }
    this.asking = this.askOnce().finally(() => {
      this.asking = null;
      if (this.stale) {
        this.stale = false;
        this.ask();
      }
    });
  }

  private async askOnce(): Promise<void> {
    try {
      const answer = await this.request(`classes/mine?after=${this.newest}`, 'GET');
      const floor = readFloor(answer);
      // Somebody else's server, opened without a visit: the class of who is signed in is none of this page's.
      if (floor !== null && floor.user === PageConfig.getOption('hubUser')) {
        this.take(floor);
      }
    } catch {
      // The hub is away for a moment; the connection itself tells that, and it is asked again.
    }
  }

  private take(floor: Floor): void {
    this.floor = floor;
    this.button.draw(this.isStudent, floor.handIsUp, floor.className);
    this.app.commands.notifyCommandChanged(handCommand);
    this.banner.show(bannerText(floor.visitors));
    const fresh = floor.messages.filter(message => message.id > this.newest);
    for (const message of fresh) {
      this.newest = message.id;
      this.waiting.set(this.tell(message), message.id);
    }
    if (fresh.some(message => message.path !== null) && this.app.commands.hasCommand('filebrowser:refresh')) {
      void this.app.commands.execute('filebrowser:refresh');
    }
    // An answer holds so many at most.
    this.stale ||= fresh.length > 0;
  }

  /** @returns the id of the notice */
  private tell(message: ClassMessage): string {
    const text = noticeText(message);
    const { path } = message;
    const actions = path !== null
      ? [{ label: 'Open', displayType: 'accent' as const, callback: () => { void this.app.commands.execute('docmanager:open', { path }); } }]
      : text.length > longestNotice
        ? [{ label: 'Read all', callback: () => { void showDialog({ title: message.by, body: paragraphs(message.text.split('\n')), buttons: [Dialog.okButton({ label: 'Close' })] }); } }]
        : [];
    return Notification.emit(text, 'info', { autoClose: false, actions });
  }

  private async moveHand(): Promise<void> {
    if (this.floor === null || this.floor.classId === null) {
      return;
    }
    const raise = !this.floor.handIsUp;
    try {
      await this.request(`classes/${this.floor.classId}/hand`, raise ? 'PUT' : 'DELETE');
    } catch (error) {
      await showErrorMessage(raise ? 'Your hand could not be raised' : 'Your hand could not be lowered', error instanceof Error ? error.message : String(error));
    }
    this.ask();
  }

  private async request(path: string, method: string): Promise<unknown> {
    const response = await ServerConnection.makeRequest(`${URLExt.join(this.hub.baseUrl, 'api')}/${path}`, { method }, this.hub);
    const text = await response.text();
    const answer: unknown = text === '' ? null : JSON.parse(text);
    if (!response.ok) {
      const said = typeof answer === 'object' && answer !== null && 'message' in answer ? String(answer.message) : '';
      throw new Error(said === '' ? `The hub answered ${response.status}.` : said);
    }
    return answer;
  }
}

/** A button that is pressed while the hand is up; hidden from everybody who is in no class. */
class HandButton extends Widget {
  private readonly button = document.createElement('button');

  constructor(press: () => void) {
    super({ node: document.createElement('span') });
    this.id = 'hub-hand';
    this.addClass('hub-Hand');
    this.button.type = 'button';
    this.button.addEventListener('click', press);
    this.node.append(this.button);
    this.node.hidden = true;
  }

  draw(visible: boolean, isUp: boolean, className: string): void {
    this.node.hidden = !visible;
    this.button.setAttribute('aria-pressed', String(isUp));
    this.button.textContent = isUp ? 'Hand is up' : 'Raise hand';
    this.button.title = isUp ? `The teacher of ${className} sees that you ask for help. Press to lower your hand.` : `Ask the teacher of ${className} to come to you`;
  }
}

/** What this user of this browser has dismissed; guests of different names share a browser now and then. */
function seenKey(): string {
  return `notebook-hub:class-messages:${PageConfig.getOption('hubUser')}`;
}

function readSeen(): number {
  try {
    const number = Number(window.localStorage.getItem(seenKey()) ?? '0');
    return Number.isSafeInteger(number) && number > 0 ? number : 0;
  } catch {
    return 0;
  }
}

function writeSeen(number: number): void {
  try {
    window.localStorage.setItem(seenKey(), String(number));
  } catch {
    // Without a place to keep it a message is shown again by the next page.
  }
}
