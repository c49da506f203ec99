import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Widget } from '@lumino/widgets';

/** A line above everything, while there is something to say. */
export class Banner {
  private widget: Widget | null = null;
  private text: string | null = null;

  constructor(private readonly app: JupyterFrontEnd, private readonly id: string) {}

  show(text: string | null): void {
    if (text === this.text) {
      return;
    }
    this.text = text;
    this.widget?.dispose();
    this.widget = null;
    if (text === null) {
      return;
    }
    const node = document.createElement('div');
    node.setAttribute('role', 'status');
    node.textContent = text;
    this.widget = new Widget({ node });
    this.widget.id = this.id;
    this.widget.addClass('hub-Banner');
    // Notebook 7 has no header; there it takes a place in the top bar.
    this.app.shell.add(this.widget, this.app.name === 'JupyterLab' ? 'header' : 'top', { rank: 1 });
  }
}
