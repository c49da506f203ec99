import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Dialog, ICommandPalette, showDialog } from '@jupyterlab/apputils';
import { PageConfig, URLExt } from '@jupyterlab/coreutils';
import { paragraphs } from './views';

export const commands = { home: 'notebook-hub:home', about: 'notebook-hub:about' };

const noArguments = { args: { type: 'object', properties: {} } } as const;

/** The way back to the hub, and what this is. The menu entries stand in the settings schema. */
export const helpPlugin: JupyterFrontEndPlugin<void> = {
  // The id whose settings schema carries the menus.
  id: '@notebook-hub/lab-extension:plugin',
  description: 'Adds the hub\'s home page and an about box to the Help menu.',
  autoStart: true,
  optional: [ICommandPalette],
  activate: (app: JupyterFrontEnd, palette) => {
    app.commands.addCommand(commands.home, {
      label: 'Notebook Hub Home',
      caption: 'Open your home page on the hub in a new browser tab',
      describedBy: noArguments,
      execute: () => {
        window.open(PageConfig.getOption('hubHost') + URLExt.join(PageConfig.getOption('hubPrefix') || '/hub/', 'home'), '_blank', 'noopener');
      }
    });
    app.commands.addCommand(commands.about, {
      label: 'About Notebook Hub',
      describedBy: noArguments,
      execute: () => showDialog({
        title: 'Notebook Hub',
        body: paragraphs([
          `You are signed in as ${PageConfig.getOption('hubUser')}.`,
          'Any number of tabs can be open on one notebook: they share its kernel. A kernel goes on running when the last tab is closed.',
          `${PageConfig.getOption('appName')} ${PageConfig.getOption('appVersion')}`
        ]),
        buttons: [Dialog.okButton({ label: 'Close' })]
      })
    });
    for (const command of Object.values(commands)) {
      (palette as ICommandPalette | null)?.addItem({ command, category: 'Help' });
    }
  }
};
