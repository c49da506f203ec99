import type { EnvironmentRow, EnvironmentSettings } from './models';
import { bytes } from './text';

/** What people write into the form of an environment, and what the hub is told. Pure. */

/** As the form's fields have it: text. */
export type Written = Readonly<Record<TextField, string>>;

export const textFields = [
  'display_name', 'language', 'image', 'argv', 'environment', 'memory', 'cpus', 'processes', 'open_files', 'shared_memory', 'temporary', 'idle_after', 'longest_run', 'pool', 'groups', 'mounts', 'network', 'gpus'
] as const;
export type TextField = (typeof textFields)[number];

/** The settings that are changed in the form. */
export type Wish = Partial<EnvironmentSettings>;

const mebibyte = 2 ** 20;

export function toWish(written: Written): Wish {
  return {
    display_name: written.display_name.trim(),
    language: written.language.trim(),
    image: written.image.trim(),
    argv: lines(written.argv),
    environment: Object.fromEntries(lines(written.environment).map(variable)),
    memory_bytes: scaled(written.memory, 'Memory', mebibyte),
    cpus: amount(written.cpus, 'Processors'),
    processes: scaled(written.processes, 'Processes', 1),
    open_files: scaled(written.open_files, 'Open files', 1),
    shared_memory_bytes: scaled(written.shared_memory, 'Size of /dev/shm', mebibyte),
    temporary_bytes: scaled(written.temporary, 'Size of /tmp', mebibyte),
    idle_after: written.idle_after.trim() || null,
    longest_run: written.longest_run.trim() || null,
    pool: scaled(written.pool, 'Kept ready', 1) ?? 0,
    groups: lines(written.groups),
    mounts: lines(written.mounts).map(mount),
    network: written.network.trim(),
    gpus: written.gpus.trim()
  };
}

export function toWritten(settings: EnvironmentSettings | null): Written {
  const number = (value: number | null | undefined, unit = 1): string => (value === null || value === undefined ? '' : `${value / unit}`);
  return {
    display_name: settings?.display_name ?? '',
    language: settings?.language ?? 'python',
    image: settings?.image ?? '',
    argv: (settings?.argv ?? []).join('\n'),
    environment: Object.entries(settings?.environment ?? {}).map(([name, value]) => `${name}=${value}`).join('\n'),
    memory: number(settings?.memory_bytes, mebibyte),
    cpus: number(settings?.cpus),
    processes: number(settings?.processes),
    open_files: number(settings?.open_files),
    shared_memory: number(settings?.shared_memory_bytes, mebibyte),
    temporary: number(settings?.temporary_bytes, mebibyte),
    idle_after: settings?.idle_after ?? '',
    longest_run: settings?.longest_run ?? '',
    pool: settings === null || settings.pool === 0 ? '' : `${settings.pool}`,
    groups: (settings?.groups ?? []).join('\n'),
    mounts: (settings?.mounts ?? []).map(({ source, target }) => `${source} ${target}`).join('\n'),
    network: settings?.network ?? '',
    gpus: settings?.gpus ?? ''
  };
}

/** The state in a few words; what takes time says how far it is. */
export function stateOf(row: EnvironmentRow): string {
  return row.state === 'preparing' ? `preparing, ${row.percent} %` : row.state;
}

/** Twelve digits say which image it is. */
export function digest(id: string | null): string {
  return id === null ? '' : id.replace(/^sha256:/, '').slice(0, 12);
}

export function limits(row: EnvironmentRow): string {
  const said = [
    row.memory_bytes === null ? '' : `${bytes(row.memory_bytes)} memory`,
    row.cpus === null ? '' : `${row.cpus} ${row.cpus === 1 ? 'processor' : 'processors'}`,
    row.processes === null ? '' : `${row.processes} processes`,
    row.open_files === null ? '' : `${row.open_files} open files`,
    row.shared_memory_bytes === null ? '' : `${bytes(row.shared_memory_bytes)} shared memory`,
    row.temporary_bytes === null ? '' : `${bytes(row.temporary_bytes)} /tmp`,
    row.gpus === null ? '' : row.gpus === 'all' ? 'all GPUs' : `${row.gpus} GPU`,
    row.network === null ? '' : `network ${row.network}`,
    row.mounts === 0 ? '' : `${row.mounts} ${row.mounts === 1 ? 'mount' : 'mounts'}`
  ].filter(one => one !== '');
  return said.length === 0 ? 'as the hub says' : said.join(', ');
}

function lines(text: string): string[] {
  return text.split('\n').map(line => line.trim()).filter(line => line !== '');
}

function variable(line: string): [string, string] {
  const at = line.indexOf('=');
  if (at < 1) {
    throw new Error(`Variables: "${line}" is not NAME=value.`);
  }
  return [line.slice(0, at), line.slice(at + 1)];
}

function mount(line: string): EnvironmentSettings['mounts'][number] {
  const [source, target, ...more] = line.split(/\s+/);
  if (source === undefined || target === undefined || more.length > 0) {
    throw new Error(`Mounts: "${line}" is not a directory of the machine, a blank, and where kernels see it.`);
  }
  return { source, target, read_only: true };
}

function amount(text: string, name: string): number | null {
  const value = Number(text.trim());
  if (text.trim() !== '' && !Number.isFinite(value)) {
    throw new Error(`${name}: "${text.trim()}" is no number.`);
  }
  return text.trim() === '' ? null : value;
}

function scaled(text: string, name: string, unit: number): number | null {
  const value = amount(text, name);
  return value === null ? null : Math.round(value * unit);
}
