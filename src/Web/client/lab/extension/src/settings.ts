// The user's settings of this extension, read from what the settings registry holds. Pure.

/** The schema's file: `schema/plugin.json`. */
export const settingsPluginId = '@notebook-hub/lab-extension:plugin';

export interface HubSettings {
  /** Seconds a kernel may take to start before the page shows its progress. */
  readonly startNoticeAfter: number;
  readonly showStatus: boolean;
}

export function readSettings(composite: { readonly [key: string]: unknown }): HubSettings {
  const { startNoticeAfter, showStatus } = composite;
  return {
    startNoticeAfter: typeof startNoticeAfter === 'number' ? startNoticeAfter : 1,
    showStatus: typeof showStatus === 'boolean' ? showStatus : true
  };
}
