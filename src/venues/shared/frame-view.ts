interface Viewed {
  bytes: Uint8Array;
  view: DataView;
}

/**
 * The buffer that is being read: the one that sockets read into, with many frames in it, so it seldom changes. Fields of one constant object, because two variables of
 * the module cost a tenth of a decode more (bench/decode).
 */
const current: Viewed = { bytes: new Uint8Array(0), view: new DataView(new ArrayBuffer(0)) };

/** The view of these bytes. */
export function viewOf(bytes: Uint8Array): DataView {
  if (bytes !== current.bytes) look(bytes);
  return current.view;
}

/** Four bytes at `at` as a little-endian word; `at + 4` must not be beyond the bytes. One read where byte by byte takes four. */
export function wordAt(bytes: Uint8Array, at: number): number {
  return viewOf(bytes).getInt32(at, true);
}

function look(bytes: Uint8Array): void {
  current.bytes = bytes;
  current.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
