import { h, setText } from './dom';

/** The number of people who wait for approval, beside the view where they are; the server drew it as it was. */
export class Waiting {
  public constructor(private readonly navigation: ParentNode) {}

  public show(count: number): void {
    const link = this.navigation.querySelector('.views a[data-page=users]');
    let badge = link?.querySelector('.waiting') ?? null;
    if (count === 0) {
      badge?.remove();
      return;
    }
    if (badge === null) {
      badge = h('span', { class: 'waiting' }, h('span'), h('span', { class: 'unseen' }, ' waiting for approval'));
      link?.append(badge);
    } else if (badge.childElementCount < 2) {
      badge.replaceChildren(h('span'), h('span', { class: 'unseen' }, ' waiting for approval'));
    }
    const number = badge.firstElementChild;
    if (number !== null) {
      setText(number, ` ${count}`);
    }
  }
}
