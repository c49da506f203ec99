// The same edits as tests/Benchmarks/Yjs/YjsTrace.cs, done by npm's yjs; prints milliseconds and kilobytes as JSON.
import * as Y from 'yjs';

const [name, count] = [process.argv[2], Number(process.argv[3])];

class Trace {
  constructor(edits) {
    this.edits = edits;
    this.state = 20261;
    this.updates = [];
  }

  next(below) {
    this.state = (Math.imul(this.state, 1664525) + 1013904223) >>> 0;
    return (this.state >>> 8) % below;
  }

  edit(doc) {
    const text = doc.getText('text');
    if (name === 'typing') {
      let cursor = 0;
      for (let edit = 0; edit < this.edits; edit++) {
        if (this.next(50) === 0) cursor = this.next(text.length + 1);
        if (cursor > 0 && this.next(8) === 0) text.delete(--cursor, 1);
        else text.insert(cursor++, 'x');
      }
    } else if (name === 'notebook') {
      const cells = doc.getArray('cells');
      for (let edit = 0; edit < this.edits; edit++) {
        if (cells.length < 20 || this.next(100) === 0) {
          doc.transact(() => {
            const cell = new Y.Map();
            cells.insert(this.next(cells.length + 1), [cell]);
            cell.set('id', 'cell');
            cell.set('cell_type', 'code');
            cell.set('execution_count', null);
            cell.set('source', new Y.Text());
            cell.set('outputs', new Y.Array());
          });
          continue;
        }
        const some = cells.get(this.next(cells.length));
        if (this.next(10) === 0) some.set('execution_count', edit);
        else {
          const source = some.get('source');
          source.insert(this.next(source.length + 1), 'word ');
        }
      }
    } else {
      for (let edit = 0; edit < this.edits; edit++) {
        const length = text.length;
        const index = this.next(length + 1);
        if (this.next(10) < 7 || length < 10) text.insert(index, 'ab');
        else text.delete(Math.min(index, length - 2), 2);
      }
    }
  }

  run(figures) {
    const time = action => {
      global.gc();
      const start = performance.now();
      action();
      return performance.now() - start;
    };
    let doc = new Y.Doc();
    doc.clientID = 1;
    doc.on('update', update => this.updates.push(update));
    figures['own edits ms'] = time(() => this.edit(doc));
    let replica = new Y.Doc();
    figures['one by one ms'] = time(() => this.updates.forEach(update => Y.applyUpdate(replica, update)));
    let all;
    figures['encode ms'] = time(() => (all = Y.encodeStateAsUpdate(doc)));
    figures['encoded KB'] = all.length / 1024;
    this.updates.length = Math.min(this.updates.length, 2000);
    figures['merge 2000 ms'] = time(() => Y.mergeUpdates(this.updates));
    this.updates = [];
    doc = replica = new Y.Doc();
    global.gc();
    const before = process.memoryUsage();
    figures['at once ms'] = time(() => Y.applyUpdate(doc, all));
    global.gc();
    const after = process.memoryUsage();
    figures['memory KB'] = (after.heapUsed + after.external - before.heapUsed - before.external) / 1024;
    return doc.store.clients.size + replica.store.clients.size;
  }
}

for (let warm = 0; warm < 3; warm++) new Trace(Math.min(count, 5000)).run({});
const figures = {};
new Trace(count).run(figures);
console.log(JSON.stringify(figures));
