// A TypeDoc plugin: a page is called by its first heading, not by its file's name, and the heading is not shown twice.
import { Converter } from 'typedoc';

export function load(app) {
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_, page) => {
    const [first, ...rest] = page.content;
    const heading = /^\s*# (.+)\n/.exec(first?.text ?? '');
    if (!heading) throw new Error(`${page.name}: expected a page that begins with a heading`);
    page.name = heading[1];
    page.content = [{ ...first, text: first.text.slice(heading[0].length) }, ...rest];
  });
}
