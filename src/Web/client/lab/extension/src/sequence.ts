// The hub numbers everything a kernel says, and tells a page that asks for it: the first member of a message's metadata is
// `hub_seq`. A connection that names the newest number it saw goes on exactly behind it, even when the hub was restarted. Pure.

const marker = '{"hub_seq":';
const markerBytes = new TextEncoder().encode(marker);
const zero = 48;
const nine = 57;

// In the frames of v1.kernel.websocket.jupyter.org, the offsets of channel, header, parent header, metadata, content, buffers.
const metadataPart = 3;
const offsetBytes = 8;

/** The address of a kernel's socket with the number to go on behind; others stay as they are. */
export function withSequence(url: string, newest: (connection: string) => number): string {
  const connection = connectionOf(url);
  return connection === null ? url : `${url}&seq=${newest(connection)}`;
}

/** What tells one connection to a kernel from any other, over all its sockets: the kernel and the session; null for other sockets. */
export function connectionOf(url: string): string | null {
  const [, kernel, query] = /\/api\/kernels\/([^/?]+)\/channels\?(.*)$/.exec(url) ?? [];
  const session = query === undefined ? null : new URLSearchParams(query).get('session_id');
  return kernel === undefined || session === null || session === '' ? null : `${kernel} ${session}`;
}

/** The number of a frame as it came; null when it has none. Reads a dozen bytes of it and parses nothing else. */
export function readSequence(frame: unknown, protocol: string): number | null {
  if (protocol === '') {
    return typeof frame === 'string' ? readJson(frame) : frame instanceof ArrayBuffer ? readJson(jsonOf(frame)) : null;
  }
  if (!(frame instanceof ArrayBuffer) || frame.byteLength < offsetBytes * (metadataPart + 2)) {
    return null;
  }
  const view = new DataView(frame);
  const from = Number(view.getBigUint64(offsetBytes * (metadataPart + 1), true));
  return from + markerBytes.length < frame.byteLength ? readDigits(new Uint8Array(frame), from) : null;
}

function readDigits(bytes: Uint8Array, from: number): number | null {
  if (!markerBytes.every((byte, place) => bytes[from + place] === byte)) {
    return null;
  }
  let number = 0;
  let at = from + markerBytes.length;
  for (let digit = bytes[at]; digit !== undefined && digit >= zero && digit <= nine; digit = bytes[++at]) {
    number = number * 10 + (digit - zero);
  }
  return at > from + markerBytes.length && Number.isSafeInteger(number) ? number : null;
}

/** The older framing is one JSON text; a frame with buffers has their count and offsets before it. */
function jsonOf(frame: ArrayBuffer): string {
  const view = new DataView(frame);
  const offsets = view.byteLength < 8 ? 0 : view.getUint32(0);
  if (offsets < 1 || view.byteLength < 4 * (offsets + 1)) {
    return '';
  }
  const end = offsets > 1 ? view.getUint32(8) : view.byteLength;
  const from = view.getUint32(4);
  return from <= end && end <= view.byteLength ? new TextDecoder().decode(new Uint8Array(frame, from, end - from)) : '';
}

function readJson(text: string): number | null {
  // Without the mark no number can be in it, and most hubs set none: parsing every message twice would be a waste.
  if (!text.includes('"hub_seq"')) {
    return null;
  }
  try {
    const number: unknown = JSON.parse(text)?.metadata?.hub_seq;
    return typeof number === 'number' && Number.isSafeInteger(number) ? number : null;
  } catch {
    return null;
  }
}

// A page that stays open for weeks must not remember every connection it ever had.
const mostConnections = 256;

/** The newest number each connection of this page saw. */
export class SequenceBook {
  private readonly seen = new Map<string, number>();

  newest(connection: string): number {
    return this.seen.get(connection) ?? 0;
  }

  /** A replaced socket may still deliver: numbers only grow. */
  note(connection: string, number: number): void {
    if (number <= this.newest(connection)) {
      return;
    }
    this.seen.delete(connection);
    this.seen.set(connection, number);
    const [oldest] = this.seen.keys();
    if (this.seen.size > mostConnections && oldest !== undefined) {
      this.seen.delete(oldest);
    }
  }
}
