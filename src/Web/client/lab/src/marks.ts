import { PageConfig } from '@jupyterlab/coreutils';

interface Started {
  readonly restored: Promise<void>;
}

/** Starts the application and leaves marks on the browser's timeline, from which the time to a usable page is measured. */
export async function startMarked<T extends Started>(app: T, start: () => Promise<void>): Promise<void> {
  if (PageConfig.getOption('exposeAppInBrowser').toLowerCase() === 'true') {
    window.jupyterapp = app;
  }
  performance.mark('hub:start');
  await start();
  await app.restored;
  performance.mark('hub:restored');
}
