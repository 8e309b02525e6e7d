/** What a page of the documentation says exists: everything in it that a test can look up. */
export interface References {
  /** Repository paths in code spans, such as `libs/kafka/src/log-writer.ts`; may hold `*`. */
  readonly paths: readonly string[];
  /** Targets of relative links, as written: `../libs/event`, `guides/publishing.md#streams`. */
  readonly links: readonly string[];
  /** Names that the page places in a file: "`append` in [`libs/…`](…)", "`a` and `b` in `libs/…`". */
  readonly symbols: readonly { readonly name: string; readonly path: string }[];
}

const FENCE = /^(```|~~~)[^]*?^\1[^\n]*$/gm;
const CODE_SPAN = /`([^`\n]+)`/g;
const LINK = /\]\(([^()\s]+)\)/g;
const ABSOLUTE = /^([a-z][a-z0-9+.-]*:|\/)/i;
const PATH = /^[\w.*-]+(\/[\w.*-]+)+\/?$/;
const PLACED = /((?:`[^`\n]+`(?:,\s+|\s+and\s+))*`[^`\n]+`)\s+in\s+\[?`([^`\n]+)`/g;
const NAME = /^[A-Za-z_$][\w$]*(\.[A-Za-z_$][\w$]*)*$/;

/** `topLevel` holds the names in the repository's root; a code span is a path when it begins with one of them. */
export function findReferences(markdown: string, topLevel: ReadonlySet<string>): References {
  const text = markdown.replaceAll(FENCE, '');
  const isPath = (span: string): boolean => PATH.test(span) && topLevel.has(span.split('/', 1)[0] ?? '');
  return {
    paths: spansOf(text).filter(isPath),
    links: [...text.matchAll(LINK)].flatMap(([, target = '']) => (ABSOLUTE.test(target) ? [] : [target])),
    symbols: [...text.matchAll(PLACED)].flatMap(([, names = '', path = '']) => {
      if (!isPath(path)) return [];
      return spansOf(names)
        .filter((name) => NAME.test(name))
        .map((name) => ({ name, path }));
    }),
  };
}

/** The anchors that a page's headings get, as GitHub makes them. */
export function anchorsOf(markdown: string): ReadonlySet<string> {
  const headings = markdown.replaceAll(FENCE, '').matchAll(/^#{1,6} (.+)$/gm);
  return new Set(
    [...headings].map(([, title = '']) =>
      title
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

/** Whether every part of a dotted name stands in a file's text as a word of its own. */
export function mentions(text: string, name: string): boolean {
  const words = new Set(text.match(/[A-Za-z_$][\w$]*/g));
  return name.split('.').every((part) => words.has(part));
}

function spansOf(text: string): string[] {
  return [...text.matchAll(CODE_SPAN)].map(([, span = '']) => span);
}
