/**
 * Reads apt's lists of sources. An entry is `{ uri, suite, components, signedBy }`; one line or stanza that names
 * several suites gives several. Only what holds binary packages and is enabled counts.
 */
export function parseSources(name, text) {
  return name.endsWith('.sources') ? parseStanzas(text) : text.split('\n').flatMap(parseLine);
}

/** The one-line format: `deb [signed-by=/a.gpg arch=amd64] http://host/debian bookworm main contrib`. */
function parseLine(line) {
  const match = /^\s*deb\s+(?:\[([^\]]*)\]\s*)?(\S+)\s+(\S+)((?:\s+[^\s#]+)*)/.exec(line);
  if (!match) return [];
  const [, options = '', uri, suite, components] = match;
  const signedBy = /(?:^|\s)signed-by=(\S+)/i.exec(options)?.[1];
  return [{ uri, suite, components: words(components), signedBy }];
}

/** The format of .sources files: stanzas of `Field: value`, where a value goes on in indented lines. */
function parseStanzas(text) {
  const withoutComments = text.replace(/^#.*\n?/gm, '');
  return withoutComments.split(/\n\s*\n/).flatMap((stanza) => {
    const field = (name) => new RegExp(`^${name}:[ \\t]*(.*(?:\\n[ \\t].*)*)`, 'im').exec(stanza)?.[1].trimEnd();
    if (!words(field('Types')).includes('deb') || /^(no|false|0|off|disable|without)$/i.test(field('Enabled') ?? 'yes'))
      return [];
    const components = words(field('Components'));
    const signedBy = field('Signed-By');
    return words(field('URIs')).flatMap((uri) =>
      words(field('Suites')).map((suite) => ({ uri, suite, components, signedBy })),
    );
  });
}

const words = (text = '') => text.split(/\s+/).filter(Boolean);

/**
 * The entry of the distribution's own archive (not a third party's, not its updates), or undefined.
 * `codename` is the release's name in /etc/os-release.
 */
export function mainArchive(entries, codename) {
  const score = ({ uri, suite }) =>
    4 * /^https?:\/\/([\w-]+\.)*(debian\.org|ubuntu\.com)\//.test(uri) +
    2 * entries.some((other) => other.uri === uri && other.suite === `${suite}-updates`) +
    2 * /\/(debian|ubuntu|ubuntu-ports)\/?$|\/mirrors\/\w+\.list$/.test(uri) +
    (suite === codename);
  return entries
    .filter(
      ({ uri, suite, components }) => components.includes('main') && !/[-/]/.test(suite) && !uri.startsWith('cdrom:'),
    )
    .sort((a, b) => score(b) - score(a))[0];
}

/** A .sources file for `suites` of the archive of `entry`, restricted to what setup reads. */
export function writeSources(entry, suites, architecture) {
  const fields = {
    Types: 'deb',
    URIs: entry.uri,
    Suites: suites.join(' '),
    Components: 'main',
    Architectures: architecture,
    Targets: 'Packages',
    PDiffs: 'no',
    'Signed-By': entry.signedBy,
  };
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}:${value.startsWith('\n') ? '' : ' '}${value}\n`) // a key in the text starts a line
    .join('');
}
