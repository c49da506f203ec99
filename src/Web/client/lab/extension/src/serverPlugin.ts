import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IServerSettings, ServerConnection } from '@jupyterlab/services';
import { connectionOf, readSequence, SequenceBook, withSequence } from './sequence';

const book = new SequenceBook();

/**
 * Stands in for JupyterLab's own plugin, which extensions.json leaves out: the same settings, with sockets that tell the hub
 * how far this page has come, so that it hands over what the page missed, once and in order.
 */
export const serverPlugin: JupyterFrontEndPlugin<ServerConnection.ISettings> = {
  id: '@notebook-hub/lab-extension:server-settings',
  description: 'Connects to kernels so that nothing they say is lost while the network or the hub is away.',
  autoStart: true,
  provides: IServerSettings,
  activate: (_: JupyterFrontEnd) => ServerConnection.makeSettings({ WebSocket: NumberedSocket })
};

class NumberedSocket extends WebSocket {
  constructor(url: string | URL, protocols?: string | string[]) {
    super(withSequence(String(url), connection => book.newest(connection)), protocols);
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
