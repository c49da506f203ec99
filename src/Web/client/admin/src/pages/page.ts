import type { Watched } from '../shared/feed';
import type { HubApi, Place } from '../shared/hubApi';
import type { Event } from '../shared/store';

/** What every page is given. */
export interface Setting {
  readonly root: HTMLElement;
  readonly place: Place;
  readonly api: HubApi;
  /** Opens the live line; once a page. */
  readonly follow: (method: Watched, happened: (event: Event) => void, ...about: readonly number[]) => void;
  /** What the page is about, such as the id of a class; empty for lists. */
  readonly item: string;
}
