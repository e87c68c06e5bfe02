import { LRUCache } from 'lru-cache';
import { definition, idOfCode } from '../catalogue/index.ts';
import type { Reads } from '../db/index.ts';
import { readRowsById, type Table } from '../journal/index.ts';
import type { OperatorNo } from '../kernel/index.ts';
import type { Players } from '../players/index.ts';
import type { Directory, Tenant } from '../tenants/index.ts';
import type { Names, PublicPlayer } from './event.ts';

/** Where names are read. */
export interface NameSources {
  readonly reads: Reads;
  readonly tenants: Directory;
  readonly players: Players;
}

/** 100 to 200 bytes each. */
const REMEMBERED = 50_000;
/** A view looks up a row, the definition that it belongs to, and a player of it: each at most once after another. */
const ROUNDS_MAX = 4;
const NOBODY: PublicPlayer = { userId: '', brandId: '' };

/** The public names of numbers in facts, read for many views at once. */
export class NameBook {
  readonly #sources: NameSources;
  readonly #definitions = new LRUCache<string, string>({ max: REMEMBERED });
  readonly #players = new LRUCache<string, PublicPlayer>({ max: REMEMBERED });

  constructor(sources: NameSources) {
    this.#sources = sources;
  }

  /**
   * Makes views. They are pure, so they are made, what they asked for is read, and they are made again, until they have
   * asked for nothing that is unknown. What does not exist is empty.
   */
  async resolve<T>(operator: OperatorNo, make: (names: Names) => T): Promise<T> {
    const tenant = await this.#sources.tenants.of(operator);
    const page = new Page(operator, tenant, this.#definitions, this.#players);
    for (let round = 0; ; round++) {
      const made = make(page);
      if (round === ROUNDS_MAX || !(await page.read(this.#sources))) return made;
    }
  }
}

/** The names of one set of views. */
class Page implements Names {
  readonly #operator: OperatorNo;
  readonly #tenant: Tenant;
  readonly #definitions: LRUCache<string, string>;
  readonly #players: LRUCache<string, PublicPlayer>;
  readonly #rows = new Map<Table<any>, Map<number, { readonly id: number }>>();
  readonly #missing = new Map<Table<any>, Set<number>>();
  readonly #missingPlayers = new Set<number>();
  /** What was looked for: it is not looked for again. */
  readonly #sought = new Set<string>();

  constructor(
    operator: OperatorNo,
    tenant: Tenant,
    definitions: LRUCache<string, string>,
    players: LRUCache<string, PublicPlayer>,
  ) {
    this.#operator = operator;
    this.#tenant = tenant;
    this.#definitions = definitions;
    this.#players = players;
  }

  get operator(): string {
    return this.#tenant.name;
  }

  brand(number: number | bigint): string {
    return this.#tenant.brandName(Number(number));
  }

  asset(number: number | bigint): string {
    return this.#tenant.assetCode(Number(number));
  }

  player(number: number | bigint): PublicPlayer {
    const id = Number(number);
    const known = this.#players.get(`${this.#operator}/${id}`);
    if (known === undefined && id !== 0) this.#missingPlayers.add(id);
    return known ?? NOBODY;
  }

  definition(number: number | bigint): string {
    const id = Number(number);
    const known = this.#definitions.get(`${this.#operator}/${id}`);
    if (known !== undefined || id === 0) return known ?? '';
    const { code } = this.row(definition, id);
    if (code === '') return '';
    this.#definitions.set(`${this.#operator}/${id}`, idOfCode(code));
    return idOfCode(code);
  }

  row<Row extends { readonly id: number }>(table: Table<Row>, number: number | bigint): Readonly<Row> {
    const id = Number(number);
    const known = this.#rows.get(table)?.get(id) as Row | undefined;
    if (known !== undefined) return known;
    if (id !== 0) this.#missing.set(table, (this.#missing.get(table) ?? new Set()).add(id));
    return table.blank(id);
  }

  /** Reads what was asked for and is unknown. Returns whether there was anything. */
  async read({ reads, players }: NameSources): Promise<boolean> {
    const wanted = [...this.#missingPlayers].filter((id) => this.#isNew(`player/${id}`));
    this.#missingPlayers.clear();
    let found = wanted.length > 0;
    if (found) {
      for (const [id, { userId, brandId }] of await players.byId(this.#operator, wanted))
        this.#players.set(`${this.#operator}/${id}`, { userId, brandId: this.#tenant.brandName(brandId) });
    }
    for (const [table, ids] of this.#missing) {
      const unknown = [...ids].filter((id) => this.#isNew(`${table.name}/${id}`));
      if (unknown.length === 0) continue;
      found = true;
      const rows = await reads((em) => readRowsById(em, table, this.#operator, unknown));
      const all = this.#rows.get(table) ?? new Map<number, { readonly id: number }>();
      for (const row of rows as { readonly id: number }[]) all.set(row.id, row);
      this.#rows.set(table, all);
    }
    this.#missing.clear();
    return found;
  }

  /** Whether it was not looked for yet. */
  #isNew(name: string): boolean {
    const isNew = !this.#sought.has(name);
    this.#sought.add(name);
    return isNew;
  }
}
