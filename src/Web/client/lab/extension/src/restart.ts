import type { ISessionContext } from '@jupyterlab/apputils';
import { KernelAPI, type ServerConnection, type Session } from '@jupyterlab/services';

/** A session connection can be told anew what the server says of it; the interface does not name that. */
interface Updatable {
  update(model: Session.IModel): void;
}

/**
 * Whether the page has given the kernel up. JupyterLab disposes its connection when it reads that the kernel is dead, and
 * then its own restart can do nothing any more.
 */
export function isGivenUp(context: ISessionContext): boolean {
  const kernel = context.session?.kernel;
  return kernel !== null && kernel !== undefined && (kernel.isDisposed || kernel.status === 'dead');
}

/** Connects to the kernel of a session again, after it came back under the same id. */
export function reconnect(context: ISessionContext): void {
  const session = context.session;
  if (session === null || session === undefined || !isGivenUp(context) || !isUpdatable(session)) {
    return;
  }
  const model = session.model;
  // Only a change of kernel makes a new connection, so the session is told first that it has none.
  session.update({ ...model, kernel: null });
  session.update(model);
}

/** Connects to the kernel of a session at once, whether JupyterLab still tries or has given up. */
export function resume(context: ISessionContext): void {
  const kernel = context.session?.kernel;
  if (kernel !== null && kernel !== undefined && !kernel.isDisposed && kernel.connectionStatus !== 'connected') {
    // What fails is tried again by the connection itself.
    void kernel.reconnect().catch(() => undefined);
  }
  reconnect(context);
}

/** Restarts the kernel of a notebook, dead or alive. */
export async function restart(context: ISessionContext, settings: ServerConnection.ISettings): Promise<void> {
  const kernel = context.session?.kernel;
  if (kernel === null || kernel === undefined) {
    await context.changeKernel({ name: context.prevKernelName });
  } else if (isGivenUp(context)) {
    await KernelAPI.restartKernel(kernel.id, settings);
    reconnect(context);
  } else {
    await context.restartKernel();
  }
}

function isUpdatable(session: object): session is Updatable {
  return 'update' in session && typeof session.update === 'function';
}
