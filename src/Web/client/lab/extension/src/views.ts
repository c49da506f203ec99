import { Dialog, Notification, showDialog, showErrorMessage } from '@jupyterlab/apputils';
import { Widget } from '@lumino/widgets';
import type { Story } from './stories';

// Milliseconds after which a changed notice has been drawn.
const afterChange = 500;

/** The notices of starts under way, by kernel id. */
export class ProgressNotices {
  private readonly shown = new Map<string, string>();

  show(kernelId: string, message: string, percent: number): void {
    const id = this.shown.get(kernelId);
    const text = `${message === '' ? 'The kernel is starting.' : message} (${Math.round(percent)} %)`;
    if (id === undefined || !Notification.manager.has(id)) {
      this.shown.set(kernelId, Notification.emit(text, 'in-progress', { autoClose: false, progress: percent / 100 }));
    } else {
      Notification.update({ id, message: text, progress: percent / 100 });
    }
  }

  end(kernelId: string, ready: boolean): void {
    const id = this.shown.get(kernelId);
    this.shown.delete(kernelId);
    if (id === undefined) {
      return;
    }
    // A notice that was changed a moment ago is drawn again by its change, and would stay for ever if it were taken away first.
    window.setTimeout(() => { Notification.dismiss(id); }, afterChange);
    if (ready) {
      Notification.success('The kernel is ready.', { autoClose: 2000 });
    }
  }
}

/** The questions after a death that wait for an answer, by kernel id. */
export class DeathQuestions {
  private readonly open = new Map<string, Dialog<unknown>>();

  /** @returns whether a restart was chosen */
  async ask(kernelId: string, story: Story): Promise<boolean> {
    const dialog = new Dialog<unknown>({
      title: story.title,
      body: paragraphs(story.sentences),
      buttons: [
        Dialog.cancelButton({ label: 'Dismiss', ariaLabel: 'Dismiss: leave the kernel as it is' }),
        Dialog.okButton({ label: 'Restart', ariaLabel: 'Restart the kernel' })
      ]
    });
    this.open.set(kernelId, dialog);
    const answer = await dialog.launch();
    this.open.delete(kernelId);
    return answer.button.accept;
  }

  /** Takes a question back: somebody restarted the kernel in another tab, and a second restart would cost its state. */
  withdraw(kernelId: string): void {
    this.open.get(kernelId)?.reject();
  }
}

// The answer to JupyterLab's own request, which it tells of in a dialog, comes about as soon as the event.
const patienceWithJupyterLab = 700;

/** Tells of a start that failed. When JupyterLab is telling it already, ours is kept among the notifications instead. */
export async function tellFailure(story: Story): Promise<void> {
  await new Promise(resolve => window.setTimeout(resolve, patienceWithJupyterLab));
  if (Dialog.tracker.size > 0) {
    Notification.error([`${story.title}.`, ...story.sentences].join(' '), { autoClose: 0 });
    return;
  }
  await showDialog({ title: story.title, body: paragraphs(story.sentences), buttons: [Dialog.okButton({ label: 'Close' })] });
}

export async function tellRestartFailed(error: unknown): Promise<void> {
  await showErrorMessage('The kernel could not be restarted', error instanceof Error ? error.message : String(error));
}

export function paragraphs(sentences: readonly string[]): Widget {
  const node = document.createElement('div');
  node.className = 'hub-Story';
  for (const sentence of sentences) {
    const paragraph = document.createElement('p');
    paragraph.textContent = sentence;
    node.append(paragraph);
  }
  return new Widget({ node });
}
