import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification, type ISessionContext } from '@jupyterlab/apputils';
import { IConsoleTracker } from '@jupyterlab/console';
import { URLExt } from '@jupyterlab/coreutils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { KernelAPI, ServerConnection } from '@jupyterlab/services';
import { endingText, keepText, readEndingEvent, readEndingModel, type Ending } from './ending';
import { OpenKernels } from './openKernels';

/** Tells before the hub stops a kernel of this page that nobody uses or that runs for too long, and keeps it on wish. */
export const endingPlugin: JupyterFrontEndPlugin<void> = {
  id: '@notebook-hub/lab-extension:ending',
  description: 'Tells before a kernel is stopped that nobody uses, and keeps it on wish.',
  autoStart: true,
  optional: [INotebookTracker, IConsoleTracker],
  activate: (app: JupyterFrontEnd, notebooks, consoles) => {
    new EndingNotices(app, new OpenKernels(notebooks as INotebookTracker | null, consoles as IConsoleTracker | null)).start();
  }
};

// A kernel that was just opened is asked about after the first things are done.
const patienceWithOpening = 3000;

/** One notice for each kernel of this page whose end was told. */
class EndingNotices {
  private readonly shown = new Map<string, { readonly id: string; readonly timer: number }>();

  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly kernels: OpenKernels
  ) {}

  start(): void {
    this.app.serviceManager.events.stream.connect((_, emission) => {
      const news = readEndingEvent(emission);
      if (news !== null) {
        this.tell(news.kernelId, news.ending);
      }
    });
    this.kernels.forEach(context => this.watch(context));
  }

  /** Who opens a page between the warning and the end is told, too. */
  private watch(context: ISessionContext): void {
    const ask = (): void => {
      window.setTimeout(async () => {
        const id = context.isDisposed ? undefined : context.session?.kernel?.id;
        if (id !== undefined) {
          this.tell(id, readEndingModel(await KernelAPI.getKernelModel(id, this.app.serviceManager.serverSettings).catch(() => undefined)));
        }
      }, patienceWithOpening);
    };
    context.kernelChanged.connect(ask);
    context.statusChanged.connect((_, status) => {
      const id = context.session?.kernel?.id;
      if (status === 'dead' && id !== undefined) {
        this.tell(id, null);
      }
    });
    ask();
  }

  private tell(kernelId: string, ending: Ending | null): void {
    const before = this.shown.get(kernelId);
    if (before !== undefined) {
      window.clearTimeout(before.timer);
      Notification.dismiss(before.id);
      this.shown.delete(kernelId);
    }
    const [context] = this.kernels.withKernel(kernelId);
    if (ending === null || context === undefined) {
      return;
    }
    const text = endingText(ending, context.name, at => new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' }));
    const actions = ending.keepSeconds === 0 ? [] : [{ label: keepText(ending.keepSeconds), callback: () => { void this.keep(kernelId); } }];
    const id = Notification.warning(text, { autoClose: false, actions });
    // A page that was away may have missed that it was taken back.
    const timer = window.setTimeout(() => this.tell(kernelId, null), Math.max(0, ending.endsAt - Date.now()) + patienceWithOpening);
    this.shown.set(kernelId, { id, timer });
  }

  private async keep(kernelId: string): Promise<void> {
    const settings = this.app.serviceManager.serverSettings;
    const address = URLExt.join(settings.baseUrl, 'api/kernels', encodeURIComponent(kernelId), 'keep');
    const kept = await ServerConnection.makeRequest(address, { method: 'POST' }, settings).then(answer => answer.ok, () => false);
    if (kept) {
      this.tell(kernelId, null);
    } else {
      Notification.error('The kernel could not be kept: the hub did not answer, or the kernel is no more. Run a cell to keep it.');
    }
  }
}
