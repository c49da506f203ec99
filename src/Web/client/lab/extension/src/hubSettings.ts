import { PageConfig, URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

/** For requests to the hub itself instead of the server this page is of. */
export function hubSettings(ofServer: ServerConnection.ISettings): ServerConnection.ISettings {
  const host = PageConfig.getOption('hubHost') || window.location.origin;
  return ServerConnection.makeSettings({ ...ofServer, baseUrl: URLExt.join(host, PageConfig.getOption('hubPrefix') || '/hub/', '/') });
}
