// A WebSocket that does what our extension of the front end does: it remembers the newest number the hub set on a message of a connection, and names it
// when the connection is opened again.
import WebSocket from 'ws';

const mark = '{"hub_seq":';
const newest = new Map();

export class NumberedSocket extends WebSocket {
  constructor(url, protocols) {
    const connection = /\/channels\?/.test(url) ? url : null;
    super(connection === null ? url : `${url}&seq=${newest.get(connection) ?? 0}`, protocols);
    if (connection === null) return;
    this.on('message', data => {
      const frame = Buffer.from(data);
      const at = frame.indexOf(mark);
      const number = at < 0 ? NaN : parseInt(frame.toString('latin1', at + mark.length, at + mark.length + 16), 10);
      if (number > (newest.get(connection) ?? 0)) newest.set(connection, number);
    });
  }
}
