import { fill } from '../components/dialog';
import { h } from '../components/dom';
import { textFields, toWish, toWritten, type TextField, type Written } from '../shared/environments';
import type { HubApi } from '../shared/hubApi';
import type { EnvironmentDetails, EnvironmentRow } from '../shared/models';

interface Field {
  readonly name: TextField;
  readonly label: string;
  readonly hint?: string;
  readonly long?: boolean;
}

const general: readonly Field[] = [
  { name: 'display_name', label: 'Shown as' },
  { name: 'language', label: 'Language', hint: 'As front ends know it: python, R, julia' },
  { name: 'image', label: 'Image', hint: 'A name with its tag, or name@sha256:…; empty where kernels are local processes' },
  { name: 'groups', label: 'For the groups', hint: 'One a line; empty is for everybody', long: true }
];

const details: readonly Field[] = [
  { name: 'argv', label: 'Command', hint: 'One word a line, with {connection_file}; empty for ipykernel or IRkernel', long: true },
  { name: 'environment', label: 'Variables', hint: 'NAME=value, one a line', long: true },
  { name: 'memory', label: 'Memory in MiB' },
  { name: 'cpus', label: 'Processors' },
  { name: 'processes', label: 'Processes' },
  { name: 'open_files', label: 'Open files' },
  { name: 'shared_memory', label: 'Size of /dev/shm in MiB' },
  { name: 'temporary', label: 'Size of /tmp in MiB' },
  { name: 'idle_after', label: 'Stopped after idling', hint: 'hh:mm:ss; 00:00:00 never' },
  { name: 'longest_run', label: 'Stopped in any case after', hint: 'hh:mm:ss; 00:00:00 never' },
  { name: 'pool', label: 'Kept ready', hint: 'Kernels made ahead, which answer at once; each takes the memory of an idle one' },
  { name: 'network', label: 'Network', hint: 'none, internet (public addresses and nothing else), or a network of the engine' },
  { name: 'gpus', label: 'GPUs', hint: 'A number, or all' },
  { name: 'mounts', label: 'Mounts, for reading', hint: 'Directory of the machine, a blank, and where kernels see it; one a line', long: true }
];

/** Asks for all there is to say about an environment, and tells the hub. */
export function editEnvironment(api: HubApi, known: EnvironmentDetails | null, done: (row: EnvironmentRow) => void): void {
  const before = toWritten(known?.settings ?? null);
  const inputs = new Map<TextField, HTMLInputElement | HTMLTextAreaElement>();
  const name = h('input', { type: 'text', required: true, maxlength: '100', pattern: '[A-Za-z0-9._\\-]+' });
  const pin = h('input', { type: 'checkbox' });
  pin.checked = known?.pin ?? true;
  const enabled = h('input', { type: 'checkbox' });
  enabled.checked = known?.settings?.enabled ?? true;

  const draw = (field: Field): HTMLElement => {
    const input = field.long ? h('textarea', { rows: '2' }) : h('input', { type: 'text', maxlength: '500' });
    input.value = before[field.name];
    inputs.set(field.name, input);
    return h('label', {}, field.label, input, field.hint === undefined ? null : h('span', { class: 'hint' }, field.hint));
  };
  const check = (label: string, input: HTMLInputElement): HTMLElement => h('label', { class: 'check' }, input, label);

  const save = async (): Promise<void> => {
    const written = Object.fromEntries(textFields.map(field => [field, inputs.get(field)?.value ?? ''])) as Written;
    const body = { pin: pin.checked, settings: { ...toWish(written), enabled: enabled.checked } };
    const row = await (known === null
      ? api.send('POST', 'hub/api/environments', { name: name.value.trim(), ...body })
      : api.send('PATCH', `hub/api/environments/${encodeURIComponent(known.id)}`, body));
    done(row as EnvironmentRow);
  };
  fill(
    known === null ? 'New environment' : `Environment ${known.id}`,
    known === null ? 'Make it' : 'Save',
    save,
    ...(known === null ? [h('label', {}, 'Name', name, h('span', { class: 'hint' }, 'Letters, digits, . - and _; notebooks remember it'))] : []),
    ...general.map(draw),
    check('Stay with the image that is there first, until the new one is taken here', pin),
    check('Offered to people', enabled),
    h('details', {}, h('summary', {}, 'Command, variables, limits, network and mounts'), h('div', { class: 'fields' }, ...details.map(draw)))
  );
}
