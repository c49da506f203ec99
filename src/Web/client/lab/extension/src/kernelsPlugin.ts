import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ISessionContextDialogs, type ISessionContext } from '@jupyterlab/apputils';
import { IConsoleTracker } from '@jupyterlab/console';
import { INotebookTracker } from '@jupyterlab/notebook';
import { KernelAPI } from '@jupyterlab/services';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { readKernelEvent, type KernelEvent } from './kernelEvents';
import { apply, noNews, type NewsAction, type NewsEffect } from './kernelNews';
import { OpenKernels } from './openKernels';
import { isGivenUp, reconnect, restart } from './restart';
import { readSettings, settingsPluginId } from './settings';
import { tellDeath, tellFailure } from './stories';
import * as views from './views';

/** Tells what happens to the kernels of this page: long starts, failed starts, deaths. */
export const kernelsPlugin: JupyterFrontEndPlugin<void> = {
  id: '@notebook-hub/lab-extension:kernels',
  description: 'Shows how a kernel starts, why it did not, why it died, and restarts it.',
  autoStart: true,
  optional: [INotebookTracker, IConsoleTracker, ISessionContextDialogs, ISettingRegistry],
  activate: (app: JupyterFrontEnd, notebooks, consoles, dialogs, settings) => {
    new KernelTeller(app, new OpenKernels(notebooks as INotebookTracker | null, consoles as IConsoleTracker | null))
      .start(dialogs as ISessionContext.IDialogs | null, settings as ISettingRegistry | null);
  }
};

const patienceWithEvent = 500;

/** Feeds the hub's events to the rules of `kernelNews` and does what they say. */
class KernelTeller {
  private news = noNews;
  private patience = 1000;
  private readonly progress = new views.ProgressNotices();
  private readonly questions = new views.DeathQuestions();

  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly kernels: OpenKernels
  ) {}

  start(dialogs: ISessionContext.IDialogs | null, settings: ISettingRegistry | null): void {
    if (settings !== null) {
      void settings.load(settingsPluginId).then(loaded => {
        const read = (): void => { this.patience = readSettings(loaded.composite).startNoticeAfter * 1000; };
        loaded.changed.connect(read);
        read();
      });
    }
    this.app.serviceManager.events.stream.connect((_, emission) => {
      const event = readKernelEvent(emission);
      if (event !== null) {
        this.take({ kind: 'heard', event, at: Date.now() });
      }
    });
    this.kernels.forEach(context => this.watch(context));
    if (dialogs !== null) {
      this.mendRestart(dialogs);
    }
  }

  private take(action: NewsAction): void {
    const [news, effects] = apply(this.news, action, this.patience);
    this.news = news;
    effects.forEach(effect => this.do(effect));
  }

  private do(effect: NewsEffect): void {
    switch (effect.kind) {
      case 'wake-in':
        window.setTimeout(() => this.take({ kind: 'woke', at: Date.now() }), effect.milliseconds);
        break;
      case 'show-progress':
        this.progress.show(effect.kernelId, effect.message, effect.percent);
        break;
      case 'end-progress':
        this.progress.end(effect.kernelId, effect.ready);
        break;
      case 'reconnect':
        // Another tab may have restarted it: the connection of this one gave up when it died.
        this.questions.withdraw(effect.kernelId);
        this.kernels.withKernel(effect.kernelId).forEach(reconnect);
        break;
      case 'tell-failure':
        if (this.kernels.concernedBy(effect.event)) {
          void views.tellFailure(tellFailure(effect.event));
        }
        break;
      case 'tell-death':
        void this.tellDeath(effect.event);
        break;
    }
  }

  private async tellDeath(event: Extract<KernelEvent, { kind: 'died' }>): Promise<void> {
    const [context] = this.kernels.withKernel(event.kernelId);
    if (context === undefined || !(await this.questions.ask(event.kernelId, tellDeath(event)))) {
      return;
    }
    await this.restart(context);
  }

  private async restart(context: ISessionContext): Promise<void> {
    try {
      await restart(context, this.app.serviceManager.serverSettings);
    } catch (error) {
      await views.tellRestartFailed(error);
    }
  }

  /** A page that was away, or opens a notebook whose kernel died before, hears no event; the kernel's status tells it. */
  private watch(context: ISessionContext): void {
    context.statusChanged.connect(async (_, status) => {
      const kernel = context.session?.kernel;
      if (status !== 'dead' || !kernel) {
        return;
      }
      const { id, name } = kernel;
      // The event says more than the status does; both come at about the same time.
      await new Promise(resolve => window.setTimeout(resolve, patienceWithEvent));
      // A kernel that was shut down on purpose is unknown to the hub by now, and nothing is told.
      const model = await KernelAPI.getKernelModel(id, this.app.serviceManager.serverSettings).catch(() => undefined);
      if (model?.execution_state === 'dead') {
        const event: KernelEvent = { kind: 'died', kernelId: id, kernelName: name, path: context.path, cause: '', message: model.reason ?? '' };
        this.take({ kind: 'heard', event, at: Date.now() });
      }
    });
  }

  /** JupyterLab's own restart buttons throw on a kernel it has given up; here they bring it back. */
  private mendRestart(dialogs: ISessionContext.IDialogs): void {
    const stock = dialogs.restart.bind(dialogs);
    dialogs.restart = async (context, options) => {
      if (!isGivenUp(context)) {
        return stock(context, options);
      }
      await this.restart(context);
      return true;
    };
  }
}
