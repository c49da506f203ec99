import type { HubApi, Place } from '../shared/hubApi';

/** What every page is given. */
export interface Setting {
  readonly root: HTMLElement;
  readonly place: Place;
  readonly api: HubApi;
  /** What the page is about, such as the id of a class; empty for lists. */
  readonly item: string;
}
