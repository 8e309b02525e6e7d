export const tiers = ['unit', 'int', 'e2e', 'full'] as const;
export type Tier = (typeof tiers)[number];
export type Part = Tier | 'checks' | 'faults';

const parts: readonly Part[] = [...tiers, 'checks', 'faults'];
/** Those that do not run unless they are asked for. */
const SLOW: readonly Part[] = ['full'];

export interface TestOptions {
  readonly help: boolean;
  /** What runs, in the order of the run. */
  readonly parts: readonly Part[];
  /** Everything that is not ours goes to Jest: path patterns, `-t`, `--verbose`. */
  readonly jestArguments: readonly string[];
}

export const help = `npm test [-- [--only PART]... [JEST ARGUMENT]...]

Runs every check of the workspace and ends with "N passed, N failed"; exit code 1 when anything failed.

  --only unit|int|e2e|checks|faults|full
           that part alone; may be given several times. full is what is too slow for every change,
           and runs only when it is asked for
  --full   that part as well
  --help   this text

TEST_STACK=containers takes the servers from containers instead of starting the embedded ones.

Everything else goes to Jest (path patterns, -t "name of a test"); with such arguments and without
--only, the Jest tiers run, the slow one too, and the rest does not.

  npm test -- libs/event                the tests below libs/event
  npm test -- --only unit -t watermark  unit tests whose names contain "watermark"
`;

/** Reads the arguments of `npm test`. Throws with the accepted values when `--only` names no part. */
export function parseOptions(argv: readonly string[]): TestOptions {
  const only = new Set<Part>();
  const jestArguments: string[] = [];
  let wantsHelp = false;
  let isFull = false;
  for (let index = 0; index < argv.length; index += 1) {
    const argument = argv[index] ?? '';
    if (argument === '--help' || argument === '-h') {
      wantsHelp = true;
    } else if (argument === '--full') {
      isFull = true;
    } else if (argument === '--only') {
      index += 1;
      only.add(parsePart(argv[index]));
    } else if (argument.startsWith('--only=')) {
      only.add(parsePart(argument.slice('--only='.length)));
    } else {
      jestArguments.push(argument);
    }
  }
  const chosen = chooseParts(only, jestArguments.length > 0);
  const isChosen = (part: Part) => chosen.includes(part) || (isFull && SLOW.includes(part));
  return { help: wantsHelp, parts: parts.filter(isChosen), jestArguments };
}

function chooseParts(only: ReadonlySet<Part>, narrowed: boolean): readonly Part[] {
  if (only.size > 0) {
    return parts.filter((part) => only.has(part));
  }
  return narrowed ? tiers : parts.filter((part) => !SLOW.includes(part));
}

function parsePart(value: string | undefined): Part {
  const part = parts.find((candidate) => candidate === value);
  if (part === undefined) {
    throw new Error(`--only: expected one of ${parts.join(', ')}, got ${value ?? 'nothing'}`);
  }
  return part;
}
