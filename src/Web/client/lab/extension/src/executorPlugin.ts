import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { CodeCell } from '@jupyterlab/cells';
import { INotebookCellExecutor, runCell } from '@jupyterlab/notebook';
import { arrival, isComing } from './kernelComing';

/**
 * Runs cells as JupyterLab does, but not before there is a kernel: JupyterLab forgets, without a word, what is run while a
 * kernel starts, and a container may take seconds. Stands in for JupyterLab's own plugin, which extensions.json leaves out.
 */
export const executorPlugin: JupyterFrontEndPlugin<INotebookCellExecutor> = {
  id: '@notebook-hub/lab-extension:cell-executor',
  description: 'Runs the cells of notebooks, also those run before the kernel is there.',
  autoStart: true,
  provides: INotebookCellExecutor,
  activate: () => ({
    runCell: async options => {
      const { cell, sessionContext } = options;
      if (cell instanceof CodeCell && sessionContext !== undefined && isComing(sessionContext)) {
        cell.setPrompt('*');
        await arrival(sessionContext);
        if (cell.isDisposed) {
          return false;
        }
        cell.setPrompt('');
      }
      return runCell(options);
    }
  })
};
