import childProcess from 'node:child_process';
import nodeCrypto from 'node:crypto';
import dns from 'node:dns';
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';

/** Functions of one object that a pure function does not call. */
interface Door {
  readonly leadsTo: string;
  readonly owner: object;
  /** As the owner is written in code, with its dot. */
  readonly path: string;
  readonly names: readonly string[];
}

const CLOCK = 'the clock';
const RANDOM = 'random numbers';
const ZONE = 'the time zone of the machine';
const NETWORK = 'the network';
const FILES = 'files';
const LATER = 'a timer';

const DOORS: readonly Door[] = [
  { leadsTo: CLOCK, owner: Date, path: 'Date.', names: ['now'] },
  { leadsTo: CLOCK, owner: performance, path: 'performance.', names: ['now'] },
  { leadsTo: CLOCK, owner: process.hrtime, path: 'process.hrtime.', names: ['bigint'] },
  { leadsTo: CLOCK, owner: process, path: 'process.', names: ['hrtime', 'uptime'] },
  { leadsTo: ZONE, owner: Date.prototype, path: 'Date.prototype.', names: localMethods() },
  { leadsTo: RANDOM, owner: Math, path: 'Math.', names: ['random'] },
  { leadsTo: RANDOM, owner: crypto, path: 'crypto.', names: ['getRandomValues', 'randomUUID'] },
  {
    leadsTo: RANDOM,
    owner: nodeCrypto,
    path: 'crypto.',
    names: ['getRandomValues', 'randomBytes', 'randomFill', 'randomFillSync', 'randomInt', 'randomUUID'],
  },
  {
    leadsTo: LATER,
    owner: globalThis,
    path: '',
    names: ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'],
  },
  { leadsTo: LATER, owner: process, path: 'process.', names: ['nextTick'] },
  { leadsTo: NETWORK, owner: globalThis, path: '', names: ['fetch'] },
  { leadsTo: NETWORK, owner: http, path: 'http.', names: ['get', 'request'] },
  { leadsTo: NETWORK, owner: https, path: 'https.', names: ['get', 'request'] },
  { leadsTo: NETWORK, owner: net, path: 'net.', names: ['connect', 'createConnection'] },
  { leadsTo: NETWORK, owner: dns, path: 'dns.', names: ['lookup', 'resolve'] },
  { leadsTo: FILES, owner: fs, path: 'fs.', names: functionsOf(fs) },
  { leadsTo: FILES, owner: fs.promises, path: 'fs.promises.', names: functionsOf(fs.promises) },
  {
    leadsTo: 'other processes',
    owner: childProcess,
    path: 'child_process.',
    names: functionsOf(childProcess),
  },
];

/** Day, hour and text of a date by the machine's zone; all that is in UTC or in milliseconds is left out. */
function localMethods(): string[] {
  return Object.getOwnPropertyNames(Date.prototype).filter(
    (name) => /^(get|set)(?!UTC|Time$)/.test(name) || /^to(String|DateString|TimeString|Locale)/.test(name),
  );
}

/** Its functions, less its classes. */
function functionsOf(owner: object): string[] {
  return Object.entries(owner)
    .filter(([name, member]) => typeof member === 'function' && /^[a-z]/.test(name))
    .map(([name]) => name);
}

/** A text that says its zone, or is a date alone, which is in UTC by definition. */
const SAYS_ITS_ZONE = /^\d{4}(-\d\d){0,2}$|(Z|GMT|UTC|[+-]\d\d:?\d\d)$/i;

/** Watched code read from outside; the message says what, the stack says where. */
export class OutsideError extends Error {
  override readonly name = 'OutsideError';
}

/**
 * Watches what code reads beside its arguments: clock, time zone, random numbers, environment, files, network, timers.
 * While it is open, the functions that lead there are replaced for the whole process; outside of `watch` they do what they
 * always do. Code that keeps a function from before (`const { now } = Date`, or an import by name that the runner has
 * copied) is not seen.
 */
export class OutsideWorld {
  #watching = false;
  readonly #touches: OutsideError[] = [];
  readonly #restore: (() => void)[] = [];

  /** Replaces the functions. `close` puts them back; nothing of the caller may run in between but what is watched. */
  open(): void {
    for (const { leadsTo, owner, path, names } of DOORS) {
      for (const name of names) this.#guard(owner, name, `${leadsTo} (${path}${name})`);
    }
    const { env } = process;
    this.#replace(process, 'env', { get: () => this.#pass(env, 'the environment (process.env)') });
    this.#replace(globalThis, 'Date', { value: this.#guardedDate(Date), writable: true });
    syncBuiltinESMExports();
  }

  close(): void {
    for (const restore of this.#restore.splice(0).reverse()) restore();
    syncBuiltinESMExports();
  }

  /**
   * Runs the work, which must be synchronous.
   * @throws OutsideError at the place that reads from outside, and once more at the end when the work caught it.
   */
  watch<Result>(work: () => Result): Result {
    this.#touches.length = 0;
    this.#watching = true;
    let result: Result;
    try {
      result = work();
    } catch (error) {
      throw this.#touches[0] ?? error;
    } finally {
      this.#watching = false;
    }
    const [caught] = this.#touches;
    if (caught !== undefined) throw caught;
    return result;
  }

  /** Gives the value unless somebody is watched. */
  #pass<Value>(value: Value, what: string): Value {
    if (!this.#watching) return value;
    const touched = new OutsideError(what);
    this.#touches.push(touched);
    throw touched;
  }

  #guard(owner: object, name: string, what: string): void {
    const original: unknown = Reflect.get(owner, name);
    if (typeof original !== 'function') return;
    const guarded = new Proxy(original as (...args: unknown[]) => unknown, {
      apply: (target, self, args: unknown[]) => this.#pass(target, what).apply(self, args),
    });
    this.#replace(owner, name, { value: guarded, writable: true });
  }

  #guardedDate(original: DateConstructor): DateConstructor {
    return new Proxy(original, {
      apply: (target) => this.#pass(target, `${CLOCK} (Date())`)(),
      construct: (target, args: unknown[], newTarget: DateConstructor) => {
        const [only] = args;
        if (args.length === 0) this.#pass(target, `${CLOCK} (new Date())`);
        const isLocal = args.length > 1 || (typeof only === 'string' && !SAYS_ITS_ZONE.test(only));
        if (isLocal) this.#pass(target, `${ZONE} (new Date(…) without a zone)`);
        return Reflect.construct(target, args, newTarget) as Date;
      },
    });
  }

  #replace(owner: object, name: string, by: PropertyDescriptor): void {
    const before = Reflect.getOwnPropertyDescriptor(owner, name);
    if (
      !Reflect.defineProperty(owner, name, {
        enumerable: before?.enumerable ?? true,
        ...by,
        configurable: true,
      })
    )
      return;
    this.#restore.push(() => {
      if (before === undefined) Reflect.deleteProperty(owner, name);
      else Reflect.defineProperty(owner, name, before);
    });
  }
}
