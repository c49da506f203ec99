import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { PageConfig } from '@jupyterlab/coreutils';
import { IServerSettings, IWorkspaceManager, WorkspaceManager, type ServerConnection, type Workspace } from '@jupyterlab/services';

/** Stands in for JupyterLab's own plugin, which extensions.json leaves out. */
export const workspacePlugin: JupyterFrontEndPlugin<Workspace.IManager> = {
  id: '@notebook-hub/lab-extension:workspaces',
  description: 'Keeps the layout of the page on the server, writing it only when it changed.',
  autoStart: true,
  provides: IWorkspaceManager,
  optional: [IServerSettings],
  activate: (_: JupyterFrontEnd, serverSettings) =>
    new QuietWorkspaces({ serverSettings: (serverSettings as ServerConnection.ISettings | null) ?? undefined })
};

/**
 * JupyterLab saves the layout whenever the file list was refreshed, every ten seconds, changed or not. With a class of tabs
 * open that is most of what the hub would write to its disk.
 */
class QuietWorkspaces extends WorkspaceManager {
  private readonly saved = new Map<string, string>();

  override async save(id: string, workspace: Workspace.IWorkspace): Promise<void> {
    // A teacher who looks in leaves the student's layout as it is.
    if (PageConfig.getOption('hubVisitRole') !== '') {
      return;
    }
    const text = JSON.stringify(workspace.data);
    if (this.saved.get(id) === text) {
      return;
    }
    await super.save(id, workspace);
    this.saved.set(id, text);
  }

  override async remove(id: string): Promise<void> {
    this.saved.delete(id);
    await super.remove(id);
  }
}
