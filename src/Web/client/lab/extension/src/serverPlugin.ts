import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IServerSettings, ServerConnection } from '@jupyterlab/services';
import { Signal, type ISignal } from '@lumino/signaling';
import { isKernelRefused } from './access';
import { connectionOf, readSequence, SequenceBook, withSequence } from './sequence';

const book = new SequenceBook();

/** A connection of this page to the hub ended, or could not be made. */
export const socketEnded: ISignal<object, void> = new Signal<object, void>(book);

/**
 * Stands in for JupyterLab's own plugin, which extensions.json leaves out: the same settings, with sockets that tell the hub
 * how far this page has come, so that it hands over what the page missed, once and in order.
 */
export const serverPlugin: JupyterFrontEndPlugin<ServerConnection.ISettings> = {
  id: '@notebook-hub/lab-extension:server-settings',
  description: 'Connects to kernels so that nothing they say is lost while the network or the hub is away.',
  autoStart: true,
  provides: IServerSettings,
  activate: (_: JupyterFrontEnd) => ServerConnection.makeSettings({ WebSocket: NumberedSocket, fetch: patientFetch })
};

/**
 * JupyterLab takes a kernel it is refused for a dead one, and says so in a dialog. As of a server that is away, it asks again after a while, so it goes on
 * when its person has signed in again.
 */
const patientFetch: typeof fetch = async (input, init) => {
  const answer = await fetch(input, init);
  const method = init?.method ?? (input instanceof Request ? input.method : 'GET');
  return isKernelRefused(method, answer.url, answer.status) ? new Response(answer.body, { status: 424, headers: answer.headers }) : answer;
};

class NumberedSocket extends WebSocket {
  constructor(url: string | URL, protocols?: string | string[]) {
    super(withSequence(String(url), connection => book.newest(connection)), protocols);
    this.addEventListener('close', () => { (socketEnded as Signal<object, void>).emit(); });
    const connection = connectionOf(String(url));
    if (connection !== null) {
      this.addEventListener('message', ({ data }) => {
        const number = readSequence(data, this.protocol);
        if (number !== null) {
          book.note(connection, number);
        }
      });
    }
  }
}
