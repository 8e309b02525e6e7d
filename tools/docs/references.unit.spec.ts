import { anchorsOf, findReferences, mentions } from './references';

const topLevel = new Set(['libs', 'docs']);

describe('the references of a page', () => {
  it('are the paths in its code spans that begin at the root of the repository', () => {
    const page = 'See `libs/event`, `libs/*/src`, `src/main.ts`, `/v1/libs` and `libs are code`.';
    expect(findReferences(page, topLevel).paths).toEqual(['libs/event', 'libs/*/src']);
  });

  it('are the targets of its relative links', () => {
    const page = '[a](guides/a.md#top) [b](https://example.org/b) [c](#here)';
    expect(findReferences(page, topLevel).links).toEqual(['guides/a.md#top', '#here']);
  });

  it('are the names that it places in a file, however many at once', () => {
    const page = '`Writer.append`, `close`\nand `a b` in [`libs/x.ts`](../libs/x.ts), `other` in `there`.';
    expect(findReferences(page, topLevel).symbols).toEqual([
      { name: 'Writer.append', path: 'libs/x.ts' },
      { name: 'close', path: 'libs/x.ts' },
    ]);
  });

  it('are never what stands in a block of code', () => {
    const page = 'before\n```\n[a](nowhere) `libs/none`\n```\n`libs/one`';
    expect(findReferences(page, topLevel)).toEqual({ paths: ['libs/one'], links: [], symbols: [] });
  });
});

describe('the anchors of a page', () => {
  it('are its headings in lower case with hyphens', () => {
    const page = '# What is promised, and what is not\n## `at-least`\n```\n# a comment\n```';
    expect([...anchorsOf(page)]).toEqual(['what-is-promised-and-what-is-not', 'at-least']);
  });
});

describe('a name in a file', () => {
  it('counts only as a whole word, with every part of it', () => {
    expect(mentions('class Writer { append() {} }', 'Writer.append')).toBe(true);
    expect(mentions('class Writer { appendAll() {} }', 'Writer.append')).toBe(false);
  });
});
