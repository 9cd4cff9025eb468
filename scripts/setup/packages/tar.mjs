/** The regular files of a tar archive, as `{ name, content }`. Names longer than ustar's 255 characters are not supported. */
export function* tarFiles(archive) {
  const text = (start, length) => archive.toString('utf8', start, start + length).split('\0', 1)[0];
  for (let at = 0; at + 512 <= archive.length && archive[at] !== 0;) {
    const size = parseInt(text(at + 124, 12).trim(), 8);
    const type = text(at + 156, 1);
    const prefix = text(at + 257, 5) === 'ustar' ? text(at + 345, 155) : '';
    const name = prefix ? `${prefix}/${text(at, 100)}` : text(at, 100);
    if (type === '' || type === '0') yield { name, content: archive.subarray(at + 512, at + 512 + size) };
    at += 512 + 512 * Math.ceil(size / 512);
  }
}
