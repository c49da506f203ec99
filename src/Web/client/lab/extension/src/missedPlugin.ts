import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import type { ICodeCellModel } from '@jupyterlab/cells';
import { URLExt } from '@jupyterlab/coreutils';
import { INotebookTracker, NotebookActions, type NotebookPanel } from '@jupyterlab/notebook';
import { ServerConnection, type Kernel } from '@jupyterlab/services';
import { isOpen, missedBy, readExecutions, type Execution, type Executions } from './executions';
import { changeOf, type Message } from './following';

/** Shows in an opened notebook what its cells said while no page was there, and follows those that still run. */
export const missedPlugin: JupyterFrontEndPlugin<void> = {
  id: '@notebook-hub/lab-extension:missed-outputs',
  description: 'Shows the output that came while the notebook was not open, and follows cells that still run.',
  autoStart: true,
  optional: [INotebookTracker],
  activate: (app: JupyterFrontEnd, notebooks) => {
    const tracker = notebooks as INotebookTracker | null;
    const follow = (panel: NotebookPanel): void => new MissedOutputs(panel, app.serviceManager.serverSettings).start();
    tracker?.forEach(follow);
    tracker?.widgetAdded.connect((_, panel) => follow(panel));
  }
};

// Messages kept while the hub is asked what came before them. When more come, the hub is asked again instead.
const mostWaiting = 2000;

/** A cell that was run before this page came. */
interface Followed {
  readonly cell: ICodeCellModel;
  /** The number up to which the cell has everything. */
  readonly upTo: number;
  /** The kernel has finished it: the hub may still wait for its reply, which comes on another channel. */
  readonly ended: boolean;
}

/** The cells of one notebook that other pages, or this one before a reload, ran. */
class MissedOutputs {
  private readonly followed = new Map<string, Followed>();
  private connection: string | null = null;
  /** What the kernel said while the hub is being asked; null when it is not. */
  private waiting: Message[] | null = null;
  private overflowed = false;

  constructor(
    private readonly panel: NotebookPanel,
    private readonly settings: ServerConnection.ISettings
  ) {}

  start(): void {
    const context = this.panel.sessionContext;
    context.iopubMessage.connect((_, message) => this.hear(message as unknown as Message));
    context.connectionStatusChanged.connect(() => void this.look());
    context.kernelChanged.connect(() => this.forget());
    context.statusChanged.connect((_, status) => {
      if (status === 'dead' || status === 'restarting' || status === 'autorestarting') {
        this.forget();
      }
    });
    const taken = (_: unknown, { notebook, cell }: { notebook: unknown; cell: { model: unknown } }): void => {
      if (notebook === this.panel.content) {
        this.leave(cell.model);
      }
    };
    NotebookActions.executionScheduled.connect(taken);
    this.panel.disposed.connect(() => { NotebookActions.executionScheduled.disconnect(taken); });
    void this.panel.context.ready.then(() => this.look());
  }

  /** Asks once for each connection to a kernel: a connection that comes back is told everything by its socket. */
  private async look(): Promise<void> {
    const kernel = this.kernel();
    if (kernel === null || kernel.connectionStatus !== 'connected' || !this.panel.context.isReady || kernel.clientId === this.connection) {
      return;
    }
    this.connection = kernel.clientId;
    await this.catchUp(kernel, told => {
      const savedAt = Date.parse(this.panel.context.contentsModel?.last_modified ?? '') || 0;
      return missedBy(kernel.clientId, savedAt, told.executions);
    });
  }

  /** Puts into their cells what the hub tells of the chosen executions, then what the kernel said meanwhile. */
  private async catchUp(kernel: Kernel.IKernelConnection, choose: (told: Executions) => readonly Execution[]): Promise<void> {
    if (this.waiting !== null) {
      return;
    }
    this.waiting = [];
    this.overflowed = false;
    try {
      const told = await this.ask(kernel.id);
      if (told === null || this.panel.isDisposed || this.kernel()?.clientId !== kernel.clientId) {
        return;
      }
      for (const execution of choose(told)) {
        const cell = this.cellOf(execution);
        if (cell !== null && (this.followed.has(execution.id) || await isCodeOf(execution, cell))) {
          this.show(execution, cell, told.sequence);
        }
      }
    } finally {
      const meanwhile = this.waiting;
      this.waiting = null;
      if (this.overflowed) {
        void this.refresh();
      } else {
        meanwhile.forEach(message => this.hear(message));
      }
    }
  }

  private show(execution: Execution, cell: ICodeCellModel, upTo: number): void {
    cell.outputs.fromJSON([...execution.outputs]);
    cell.executionCount = execution.count;
    if (isOpen(execution) && this.followed.get(execution.id)?.ended !== true) {
      // After the count, which JupyterLab takes for the end.
      cell.executionState = 'running';
      this.followed.set(execution.id, { cell, upTo, ended: false });
    } else {
      cell.executionState = 'idle';
      this.followed.delete(execution.id);
    }
  }

  private hear(message: Message): void {
    if (this.waiting !== null) {
      this.overflowed = this.waiting.length >= mostWaiting;
      if (!this.overflowed) {
        this.waiting.push(message);
      }
      return;
    }
    for (const [execution, followed] of this.followed) {
      const { cell } = followed;
      const change = changeOf(message, execution, followed.upTo);
      switch (change?.kind) {
        case 'add':
          cell.outputs.add(change.output);
          break;
        case 'clear':
          cell.outputs.clear(change.wait);
          break;
        case 'ask':
          void this.refresh();
          break;
        case 'end':
          // The hub's word counts: it also knows the number in brackets.
          this.followed.set(execution, { ...followed, ended: true });
          void this.refresh();
          break;
      }
    }
  }

  private async refresh(): Promise<void> {
    const kernel = this.kernel();
    if (kernel !== null && !this.panel.isDisposed) {
      await this.catchUp(kernel, told => told.executions.filter(execution => this.followed.has(execution.id)));
    }
  }

  /** Somebody runs the cell from this page: from here on it is JupyterLab's. */
  private leave(cell: unknown): void {
    for (const [execution, followed] of this.followed) {
      if (followed.cell === cell) {
        this.followed.delete(execution);
      }
    }
  }

  /** The kernel is no more: nothing will come. */
  private forget(): void {
    for (const { cell } of this.followed.values()) {
      cell.executionState = 'idle';
    }
    this.followed.clear();
  }

  private kernel(): Kernel.IKernelConnection | null {
    return this.panel.sessionContext.session?.kernel ?? null;
  }

  private cellOf(execution: Execution): ICodeCellModel | null {
    for (const cell of this.panel.content.model?.cells ?? []) {
      if (cell.id === execution.cellId && cell.type === 'code') {
        return cell as ICodeCellModel;
      }
    }
    return null;
  }

  private async ask(kernelId: string): Promise<Executions | null> {
    const address = URLExt.join(this.settings.baseUrl, 'api/kernels', encodeURIComponent(kernelId), 'executions') + '?outputs=true';
    try {
      const answer = await ServerConnection.makeRequest(address, {}, this.settings);
      return answer.ok ? readExecutions(await answer.json()) : null;
    } catch {
      return null; // The network is away: the connection comes back, and the next page asks again.
    }
  }
}

/** Whether the cell still holds the code that was run. Browsers hash only on pages that came by https or from this machine; elsewhere the cell's id must do. */
async function isCodeOf(execution: Execution, cell: ICodeCellModel): Promise<boolean> {
  if (globalThis.crypto?.subtle === undefined) {
    return true;
  }
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(cell.sharedModel.getSource()));
  return [...new Uint8Array(hash)].map(byte => byte.toString(16).padStart(2, '0')).join('') === execution.codeSha256;
}
