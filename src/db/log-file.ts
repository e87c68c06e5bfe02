import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readSync,
  renameSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs';

/** What a log may have before its text is moved on, and how many older ones are kept: five times that, at most. */
const BYTES_MAX = 64 * 1024 * 1024;
const KEPT = 4;
const LOOK_MS = 5000;
/** What is read of a log's end. */
const TAIL_BYTES = 64 * 1024;

/**
 * The file that other processes write their output to. It goes on where the last start has ended, keeps to a size, and
 * is never read whole.
 */
export class LogFile {
  readonly path: string;
  readonly #bytesMax: number;
  #start = 0;

  constructor(path: string, bytesMax = BYTES_MAX) {
    this.path = path;
    this.#bytesMax = bytesMax;
  }

  /** Opens it for a process to write to, and keeps to its size until the process has ended. */
  open(ended: Promise<unknown>): number {
    const file = openSync(this.path, 'a', 0o600);
    this.rotate();
    this.#start = fstatSync(file).size;
    const looking = setInterval(() => this.#tryToRotate(), LOOK_MS).unref();
    void ended.then(() => clearInterval(looking));
    return file;
  }

  /** A log that cannot be moved on, on a full disk or because somebody has deleted it, ends nobody. */
  #tryToRotate(): void {
    try {
      this.rotate();
    } catch {
      // The next look tries again.
    }
  }

  /**
   * Moves the text of a log that is too long to `.1`, that of `.1` to `.2`, and so on. The process goes on writing to
   * the same file, which is empty then: what it writes between the last look and that is lost, a few lines at most.
   */
  rotate(): void {
    if (statSync(this.path).size <= this.#bytesMax) return;
    for (let i = KEPT; i > 1; i--) {
      if (existsSync(`${this.path}.${i - 1}`)) renameSync(`${this.path}.${i - 1}`, `${this.path}.${i}`);
    }
    copy(this.path, `${this.path}.1`);
    truncateSync(this.path);
    this.#start = 0;
  }

  /** The end of what was written since it was opened. */
  tail(): string {
    const file = openSync(this.path, 'r');
    const { size } = fstatSync(file);
    const from = Math.max(this.#start, size - TAIL_BYTES, 0);
    const text = Buffer.alloc(Math.max(size - from, 0));
    readSync(file, text, 0, text.length, from);
    closeSync(file);
    return text.toString();
  }
}

function copy(source: string, target: string): void {
  const from = openSync(source, 'r');
  try {
    const to = openSync(target, 'w', 0o600);
    try {
      const part = Buffer.alloc(1024 * 1024);
      for (let n = 0; (n = readSync(from, part)) > 0;) writeSync(to, part, 0, n);
    } finally {
      closeSync(to);
    }
  } finally {
    closeSync(from);
  }
}
