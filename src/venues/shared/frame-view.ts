/** The buffer that is being read. It is a whole chunk of a socket with many frames in it, so it seldom changes. */
let viewed: Uint8Array = new Uint8Array(0);
let view = new DataView(viewed.buffer);

/** Four bytes at `at` as a little-endian word; `at + 4` must not be beyond the bytes. One read where byte by byte takes four. */
export function wordAt(bytes: Uint8Array, at: number): number {
  if (bytes !== viewed) look(bytes);
  return view.getInt32(at, true);
}

function look(bytes: Uint8Array): void {
  viewed = bytes;
  view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
