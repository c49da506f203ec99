// Documents of npm's yjs, told what to do by lines of JSON on standard input; each line is answered by one.
import { createInterface } from 'node:readline';
import * as Y from 'yjs';
import * as awarenessProtocol from 'y-protocols/awareness';

const documents = new Map();
const base64 = bytes => Buffer.from(bytes).toString('base64');
const bytes = text => new Uint8Array(Buffer.from(text, 'base64'));

function make({ id, client, gc = true }) {
  const doc = new Y.Doc({ gc });
  doc.clientID = client;
  const entry = { doc, updates: [], updatesV2: [] };
  doc.on('update', update => entry.updates.push(base64(update)));
  doc.on('updateV2', update => entry.updatesV2.push(base64(update)));
  documents.set(id, entry);
  return null;
}

const value = plain => (plain && typeof plain === 'object' && 'bytes' in plain ? bytes(plain.bytes) : plain);

// A path leads from a type at the top through keys and indexes to a type.
function find(doc, [root, kind, ...path]) {
  let type = kind === 'text' ? doc.getText(root) : kind === 'map' ? doc.getMap(root) : doc.getArray(root);
  for (const step of path) type = type.get(step);
  return type;
}

const fresh = kind => (kind === 'text' ? new Y.Text() : kind === 'map' ? new Y.Map() : new Y.Array());

function change(doc, { at, op, index, length, text, values, key, kind, attributes, embed }) {
  const type = find(doc, at);
  switch (op) {
    case 'insert': return type.insert(index, text, attributes ?? undefined);
    case 'embed': return type.insertEmbed(index, embed, attributes ?? {});
    case 'delete': return type.delete(index, length);
    case 'format': return type.format(index, length, attributes);
    case 'put': return type.insert(index, values.map(value));
    case 'nest': return type.insert(index, [fresh(kind)]);
    case 'set': return void type.set(key, value(values[0]));
    case 'setNest': return void type.set(key, fresh(kind));
    case 'remove': return type.delete(key);
    default: throw new Error(`no operation ${op}`);
  }
}

function deltaOf(type) {
  if (type instanceof Y.Text) return type.toDelta().map(({ insert, attributes }) => ({ insert: insert instanceof Y.AbstractType ? deltaOf(insert) : insert, attributes: sorted(attributes ?? {}) }));
  if (type instanceof Y.Map) return sorted(Object.fromEntries([...type.entries()].map(([key, entry]) => [key, deltaOf(entry)])));
  if (type instanceof Y.Array) return type.toArray().map(deltaOf);
  if (type instanceof Uint8Array) return { bytes: base64(type) };
  return type;
}

const sorted = fields => Object.fromEntries(Object.entries(fields).sort(([left], [right]) => (left < right ? -1 : 1)));

const commands = {
  make,
  change: ({ id, changes }) => {
    const entry = documents.get(id);
    entry.updates = [];
    entry.updatesV2 = [];
    entry.doc.transact(() => changes.forEach(one => change(entry.doc, one)));
    return { updates: entry.updates, updatesV2: entry.updatesV2 };
  },
  apply: ({ id, updates }) => {
    const entry = documents.get(id);
    entry.updates = [];
    for (const update of updates) Y.applyUpdate(entry.doc, bytes(update));
    // Yjs tidies formats after others' changes, and that is a change of its own.
    return { updates: entry.updates };
  },
  state: ({ id }) => base64(Y.encodeStateVector(documents.get(id).doc)),
  encode: ({ id, known }) => base64(Y.encodeStateAsUpdate(documents.get(id).doc, known ? bytes(known) : undefined)),
  encodeV2: ({ id }) => base64(Y.encodeStateAsUpdateV2(documents.get(id).doc)),
  merge: ({ updates }) => base64(Y.mergeUpdates(updates.map(bytes))),
  diff: ({ update, known }) => base64(Y.diffUpdate(bytes(update), bytes(known))),
  stateOf: ({ update }) => base64(Y.encodeStateVectorFromUpdate(bytes(update))),
  snapshot: ({ id }) => base64(Y.encodeSnapshot(Y.snapshot(documents.get(id).doc))),
  view: ({ id, roots }) => JSON.stringify(roots.map(root => deltaOf(find(documents.get(id).doc, root)))),
  xml: ({ id }) => {
    const { doc } = documents.get(id);
    const fragment = doc.getXmlFragment('xml');
    const element = new Y.XmlElement('p');
    element.setAttribute('class', 'a');
    fragment.insert(0, [element, new Y.XmlText('text'), new Y.XmlHook('hook')]);
    doc.getMap('sub').set('document', new Y.Doc({ guid: 'inner', meta: { a: 1 } }));
    return base64(Y.encodeStateAsUpdate(doc));
  },
  xmlView: ({ id }) => documents.get(id).doc.getXmlFragment('xml').toString() + ' ' + documents.get(id).doc.getMap('sub').get('document').guid,
  awareness: ({ states }) => {
    const doc = new Y.Doc();
    const awareness = new awarenessProtocol.Awareness(doc);
    doc.clientID = awareness.clientID = 77;
    // The first word of all, with clock 0, is heard by nobody: yjs' own constructor says it.
    for (const state of [{}, ...states]) awareness.setLocalState(state);
    const update = base64(awarenessProtocol.encodeAwarenessUpdate(awareness, [77]));
    awareness.destroy();
    return update;
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { command, ...rest } = JSON.parse(line);
  try {
    process.stdout.write(JSON.stringify({ result: commands[command](rest) ?? null }) + '\n');
  } catch (error) {
    process.stdout.write(JSON.stringify({ error: String(error.stack) }) + '\n');
  }
}
