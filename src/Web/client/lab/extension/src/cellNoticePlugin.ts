import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { PageConfig } from '@jupyterlab/coreutils';
import { IStatusBar } from '@jupyterlab/statusbar';
import { Widget } from '@lumino/widgets';

/** Says that the hub keeps a record of the cells that are run, where its operator wants one. It cannot be switched off by a setting. */
export const cellNoticePlugin: JupyterFrontEndPlugin<void> = {
  id: '@notebook-hub/lab-extension:cell-notice',
  description: 'Tells people that the cells they run are recorded.',
  autoStart: true,
  optional: [IStatusBar],
  activate: (app: JupyterFrontEnd, statusBar) => {
    const notice = PageConfig.getOption('hubCellNotice');
    if (notice === '') {
      return;
    }
    const node = document.createElement('span');
    node.textContent = 'Cells are recorded';
    node.title = notice;
    node.setAttribute('role', 'note');
    node.setAttribute('aria-label', notice);
    const line = new Widget({ node });
    line.id = 'hub-cell-notice';
    line.addClass('hub-Status');
    if (statusBar === null) {
      app.shell.add(line, 'top', { rank: 940 });
    } else {
      // Without a priority JupyterLab hides it in narrow windows.
      (statusBar as IStatusBar).registerStatusItem(cellNoticePlugin.id, { item: line, align: 'left', rank: 100, priority: 1 });
    }
  }
};
