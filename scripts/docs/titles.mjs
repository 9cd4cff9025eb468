// A TypeDoc plugin: the navigation calls a page by its first heading, not by its file's name.
import { Converter } from 'typedoc';

export function load(app) {
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_, page) => {
    const heading = /^\s*# (.+)\n/.exec(page.content[0]?.text ?? '');
    if (!heading) throw new Error(`${page.name}: expected a page that begins with a heading`);
    page.name = heading[1];
  });
}
