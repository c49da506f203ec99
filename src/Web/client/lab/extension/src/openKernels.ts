import type { ISessionContext } from '@jupyterlab/apputils';
import type { IConsoleTracker } from '@jupyterlab/console';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { Widget } from '@lumino/widgets';
import type { KernelEvent } from './kernelEvents';

/** The kernels this page has open: one session context for each notebook and console. */
export class OpenKernels {
  constructor(
    private readonly notebooks: INotebookTracker | null,
    private readonly consoles: IConsoleTracker | null
  ) {}

  /** Calls back for each notebook and console, now and whenever one is opened. */
  forEach(visit: (context: ISessionContext) => void): void {
    this.all().forEach(visit);
    this.notebooks?.widgetAdded.connect((_, panel) => visit(panel.sessionContext));
    this.consoles?.widgetAdded.connect((_, panel) => visit(panel.sessionContext));
  }

  all(): ISessionContext[] {
    const found: ISessionContext[] = [];
    this.notebooks?.forEach(panel => found.push(panel.sessionContext));
    this.consoles?.forEach(panel => found.push(panel.sessionContext));
    return found;
  }

  of(widget: Widget | null): ISessionContext | null {
    let found: ISessionContext | null = null;
    this.notebooks?.forEach(panel => { found = panel === widget ? panel.sessionContext : found; });
    this.consoles?.forEach(panel => { found = panel === widget ? panel.sessionContext : found; });
    return found;
  }

  withKernel(kernelId: string): ISessionContext[] {
    return this.all().filter(context => context.session?.kernel?.id === kernelId);
  }

  /**
   * Whether something in this page waits for or uses the event's kernel. While its session is being made the page knows
   * neither the kernel's id nor the random path it asked for, so whoever has no session yet counts as waiting.
   */
  concernedBy(event: KernelEvent): boolean {
    return this.all().some(context =>
      context.session === null
        ? context.kernelDisplayStatus !== 'idle' && !context.hasNoKernel
        : context.session.kernel?.id === event.kernelId || context.path === event.path);
  }
}
