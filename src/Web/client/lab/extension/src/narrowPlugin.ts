import { ILabShell, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';

// Below this the side bar leaves no room for a notebook.
const narrow = 640;

/** In a window as narrow as a telephone's, JupyterLab starts with its side bar closed. */
export const narrowPlugin: JupyterFrontEndPlugin<void> = {
  id: '@notebook-hub/lab-extension:narrow',
  description: 'Closes the side bar at the start when the window is narrow.',
  autoStart: true,
  optional: [ILabShell],
  activate: (app: JupyterFrontEnd, labShell) => {
    if (labShell !== null && window.innerWidth < narrow) {
      void app.restored.then(() => (labShell as ILabShell).collapseLeft());
    }
  }
};
