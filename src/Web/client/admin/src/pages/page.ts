import type { HubApi, Place } from '../shared/hubApi';

/** What every page is given. */
export interface Setting {
  readonly root: HTMLElement;
  readonly place: Place;
  readonly api: HubApi;
}
