import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { PageConfig, URLExt } from '@jupyterlab/coreutils';
import { IConsoleTracker } from '@jupyterlab/console';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ServerConnection } from '@jupyterlab/services';
import { refusedText } from './access';
import { Banner } from './banner';
import { hubSettings } from './hubSettings';
import { OpenKernels } from './openKernels';
import { resume } from './restart';
import { socketEnded } from './serverPlugin';

// Several connections end together; one question is enough.
const gather = 500;
const again = 5_000;

/** Says so when the page may not use its server any more: a share was withdrawn, or its person signed out. */
export const accessPlugin: JupyterFrontEndPlugin<void> = {
  id: '@notebook-hub/lab-extension:access',
  description: 'Says when this page has no access to its server any more.',
  autoStart: true,
  optional: [INotebookTracker, IConsoleTracker],
  activate: (app: JupyterFrontEnd, notebooks, consoles) => {
    // A visit of a teacher has words of its own.
    if (PageConfig.getOption('hubVisitRole') === '') {
      watch(app, new OpenKernels(notebooks as INotebookTracker | null, consoles as IConsoleTracker | null));
    }
  }
};

function watch(app: JupyterFrontEnd, kernels: OpenKernels): void {
  const settings = app.serviceManager.serverSettings;
  const hub = hubSettings(settings);
  const banner = new Banner(app, 'hub-refused');
  let timer: number | null = null;
  let refused = false;

  const statusOf = async (one: ServerConnection.ISettings, path: string): Promise<number | null> =>
    ServerConnection.makeRequest(URLExt.join(one.baseUrl, path), {}, one).then(answer => answer.status, () => null);

  const ask = async (): Promise<void> => {
    const ofServer = await statusOf(settings, 'api/me');
    const text = ofServer === 200 ? null : refusedText(ofServer, await statusOf(hub, 'api/user'), PageConfig.getOption('hubUser'));
    banner.show(text);
    if (refused && ofServer === 200) {
      // JupyterLab waits longer after each refusal, up to a minute, and gives up in the end.
      kernels.all().forEach(resume);
    }
    refused = text !== null || (refused && ofServer !== 200);
    timer = refused ? window.setTimeout(() => { void ask(); }, again) : null;
  };

  socketEnded.connect(() => {
    timer ??= window.setTimeout(() => { void ask(); }, gather);
  });
}
