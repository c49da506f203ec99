import type { HubApi } from './hubApi';

/** What a teacher asks of the hub for a class. */

export interface StudentResult {
  readonly name: string;
  readonly result: string;
  readonly message: string | null;
}

interface Started {
  readonly started: number;
  readonly running: number;
  readonly students: readonly StudentResult[];
}

interface Stopped {
  readonly stopped: number;
  readonly students: readonly StudentResult[];
}

interface GivenFile {
  readonly students: number;
  readonly unchanged: readonly string[];
  readonly kept: readonly string[];
  readonly failed: readonly { readonly name: string; readonly problem: string }[];
}

interface GivenMaterials {
  readonly members: readonly { readonly name: string; readonly copied: number; readonly kept: number; readonly problem: string | null }[];
}

/** What came of it: a sentence, and who needs looking at. */
export interface Outcome {
  readonly text: string;
  readonly people: readonly string[];
}

export class ClassCalls {
  private readonly of: string;

  public constructor(private readonly api: HubApi, private readonly base: string, id: number) {
    this.of = `hub/api/classes/${id}`;
  }

  public async start(): Promise<Outcome> {
    const done = (await this.api.send('POST', `${this.of}/kernels`)) as Started;
    return { text: `${done.started} started, ${done.running} ran already.`, people: troubles(done.students) };
  }

  public async stop(): Promise<Outcome> {
    const done = (await this.api.send('DELETE', `${this.of}/kernels`)) as Stopped;
    return { text: `${done.stopped} stopped.`, people: troubles(done.students) };
  }

  public async handOut(): Promise<Outcome> {
    const { members } = (await this.api.send('POST', `${this.of}/hand-out`, {})) as GivenMaterials;
    const copied = members.reduce((sum, member) => sum + member.copied, 0);
    return {
      text: `${copied} files copied to ${members.length} students; what they had already stayed as it is.`,
      people: members.filter(member => member.problem !== null).map(member => `${member.name}: ${member.problem ?? ''}`)
    };
  }

  public async give(file: File, folder: string): Promise<Outcome> {
    const form = new FormData();
    form.append('file', file);
    if (folder !== '') {
      form.append('folder', folder);
    }
    const done = (await this.api.upload(`${this.of}/files`, form)) as GivenFile;
    return {
      text: `${file.name} handed out to ${done.students} students.`,
      people: [
        ...done.kept.map(name => `${name}: has another file of this name; theirs was kept`),
        ...done.failed.map(one => `${one.name}: ${one.problem}`)
      ]
    };
  }

  public async tell(text: string): Promise<void> {
    await this.api.send('POST', `${this.of}/messages`, { text });
  }

  public async lower(user: string): Promise<void> {
    await this.api.send('DELETE', `${this.of}/hands/${encodeURIComponent(user)}`);
  }

  /** The address of the student's JupyterLab, opened beside them. */
  public async visit(user: string, role: 'viewer' | 'helper', notebook: string | null): Promise<string> {
    const { url } = (await this.api.send('POST', `${this.of}/visits`, { user, role, ...(notebook === null ? {} : { path: notebook }) })) as { url?: unknown };
    return addressOf(this.base, url);
  }
}

/** An address on this hub and nowhere else. */
export function addressOf(base: string, url: unknown): string {
  if (typeof url !== 'string' || !/^\/(?![/\\])/.test(url)) {
    throw new Error('The hub answered with an address that is not its own.');
  }
  return url.startsWith(base) ? url : base + url.slice(1);
}

function troubles(students: readonly StudentResult[]): string[] {
  return students.filter(student => student.result === 'failed' || (student.result === 'skipped' && student.message !== null)).map(student => `${student.name}: ${student.message ?? 'failed'}`);
}
