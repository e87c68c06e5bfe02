import type { FactKind } from './fact.ts';
import type { Table } from './table.ts';

/**
 * The tables and facts of one part of the system. Their numbers are in the part's own block: block + 1 to block + 99.
 */
export interface Part {
  readonly name: string;
  /** A multiple of 100 that no other part has. */
  readonly block: number;
  readonly tables?: readonly Table<any>[];
  readonly facts?: readonly FactKind<any>[];
}

const BLOCK = 100;

/** All numbers of tables and facts. The only place that has all of them; built from a list, never by imports. */
export class Register {
  /** Every state table, by number. */
  readonly tables: readonly Table<any>[];
  readonly #facts = new Map<number, Map<number, FactKind<any>>>();

  /** Throws if a number is used twice, or is outside its part's block. */
  constructor(parts: readonly Part[]) {
    const blocks = new Map<number, string>();
    for (const { name, block, tables = [], facts = [] } of parts) {
      if (block % BLOCK !== 0 || blocks.has(block))
        throw new Error(`${name}: block ${block} is ${blocks.get(block) ?? 'no block'}'s`);
      blocks.set(block, name);
      for (const one of [...tables, ...facts]) {
        if (one.number <= block || one.number >= block + BLOCK)
          throw new Error(`${one.name}: number ${one.number} is not in block ${block}`);
      }
      for (const fact of facts) this.#add(fact);
    }
    this.tables = parts.flatMap(({ tables = [] }) => tables).sort((a, b) => a.number - b.number);
    const twice = this.tables.find((table, i) => this.tables[i - 1]?.number === table.number);
    if (twice !== undefined) throw new Error(`table number ${twice.number} is used twice`);
  }

  /** The kind that a journal row names. Throws if this program does not have it. */
  fact(number: number, version: number): FactKind<any> {
    const kind = this.#facts.get(number)?.get(version);
    if (kind === undefined) throw new Error(`the journal holds fact kind ${number} version ${version}, unknown here`);
    return kind;
  }

  /** Every kind of fact, by number and version. */
  get facts(): readonly FactKind<any>[] {
    return [...this.#facts.values()]
      .flatMap((versions) => [...versions.values()])
      .sort((a, b) => a.number - b.number || a.version - b.version);
  }

  #add(fact: FactKind<any>): void {
    const versions = this.#facts.get(fact.number) ?? new Map<number, FactKind<any>>();
    const known = versions.get(fact.version);
    if (known !== undefined) throw new Error(`fact number ${fact.number} is ${known.name}'s and ${fact.name}'s`);
    this.#facts.set(fact.number, versions.set(fact.version, fact));
  }
}
