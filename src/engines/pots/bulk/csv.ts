/** A line of a file, counted from 1; `text` is null if it is longer than lines may be. */
export interface Line {
  readonly number: number;
  readonly text: string | null;
}

const LF = 10;
/** The byte order mark of UTF-8, read byte by byte. */
const MARK = '\u00EF\u00BB\u00BF';
const NOTHING: Buffer = Buffer.alloc(0);

/**
 * Splits a file that arrives in parts into lines. It keeps at most one of them: of a longer one only the end is looked
 * for. Texts are read byte by byte: nothing that a line may hold is outside ASCII.
 */
export class Lines {
  readonly #max: number;
  #rest = NOTHING;
  #number = 0;
  /** Whether the rest of a line is left out that is too long. */
  #skips = false;

  /** @param max the bytes that a line may have. */
  constructor(max: number) {
    this.#max = max;
  }

  /** The lines that end in the next part. */
  *add(part: Buffer): Generator<Line> {
    let from = 0;
    for (let end = part.indexOf(LF); end >= 0; end = part.indexOf(LF, from)) {
      yield this.#line(part.subarray(from, end));
      from = end + 1;
    }
    const rest = part.subarray(from);
    this.#skips ||= this.#rest.length + rest.length > this.#max;
    this.#rest = this.#skips ? NOTHING : Buffer.concat([this.#rest, rest]);
  }

  /** The last line, if it does not end in a line break. */
  *end(): Generator<Line> {
    if (this.#skips || this.#rest.length > 0) yield this.#line(NOTHING);
  }

  #line(last: Buffer): Line {
    this.#number += 1;
    const bytes = this.#rest.length === 0 ? last : Buffer.concat([this.#rest, last]);
    const tooLong = this.#skips || bytes.length > this.#max;
    this.#rest = NOTHING;
    this.#skips = false;
    if (tooLong) return { number: this.#number, text: null };
    let text = bytes.toString('latin1');
    if (text.endsWith('\r')) text = text.slice(0, -1);
    if (this.#number === 1 && text.startsWith(MARK)) text = text.slice(MARK.length);
    return { number: this.#number, text };
  }
}

const FIELD = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y;

/** The fields of a line of CSV (RFC 4180); null: its quotes are wrong. */
export function fieldsOf(line: string): string[] | null {
  if (!line.includes('"')) return line.split(',');
  const fields: string[] = [];
  FIELD.lastIndex = 0;
  for (;;) {
    const match = FIELD.exec(line);
    if (match === null) return null;
    const [, quoted, plain, end] = match;
    fields.push(quoted === undefined ? plain! : quoted.replaceAll('""', '"'));
    if (end === '') return fields;
  }
}
