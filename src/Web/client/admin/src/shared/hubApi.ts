/** Asks the hub; every answer that is no success is an error with the hub's own words. */

export interface Place {
  readonly base: string;
  readonly xsrf: string;
  readonly user: string;
  /** Names of the scopes that are held for anybody at all. */
  readonly scopes: ReadonlySet<string>;
  /** The same with what each is limited to. */
  readonly held: readonly string[];
}

export class HubError extends Error {
  public constructor(public readonly status: number, message: string) {
    super(message);
  }
}

export class HubApi {
  public constructor(private readonly place: Place) {}

  public async json<T>(path: string): Promise<T> {
    return (await (await this.ask('GET', path)).json()) as T;
  }

  public async text(path: string): Promise<string> {
    return await (await this.ask('GET', path)).text();
  }

  public async send(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<unknown> {
    const answer = await this.ask(method, path, body);
    const text = await answer.text();
    return text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : null;
  }

  /** Sends a form with files in it. */
  public async upload(path: string, form: FormData): Promise<unknown> {
    return await (await this.ask('POST', path, form)).json();
  }

  private async ask(method: string, path: string, body?: object): Promise<Response> {
    const answer = await fetch(this.place.base + path, {
      method,
      credentials: 'same-origin',
      headers: { 'X-XSRFToken': this.place.xsrf, ...(body && !(body instanceof FormData) ? { 'Content-Type': 'application/json' } : {}) },
      ...(body ? { body: body instanceof FormData ? body : JSON.stringify(body) } : {})
    });
    if (!answer.ok) {
      throw new HubError(answer.status, await reason(answer));
    }
    return answer;
  }
}

async function reason(answer: Response): Promise<string> {
  try {
    const { message } = (await answer.json()) as { message?: unknown };
    if (typeof message === 'string') {
      return message;
    }
  } catch {
    // No JSON: the status says it.
  }
  return `The hub answered ${answer.status} ${answer.statusText}`;
}
