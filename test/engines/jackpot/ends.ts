import assert from 'node:assert/strict';
import { JackpotContributedV2 } from '../../../gen/ts/windfall/facts/v1/jackpot.ts';
import type { PotPaid } from '../../../gen/ts/windfall/facts/v1/jackpot_ends.ts';
import { until } from '../../../src/db/index.ts';
import type { Jackpot } from '../../../src/engines/jackpot/bound.ts';
import { closing, type CloseAnswer } from '../../../src/engines/jackpot/closing.ts';
import { payEnd } from '../../../src/engines/jackpot/paying.ts';
import { accountId, taskOptions, type Journal } from '../../../src/journal/index.ts';
import type { Platform } from '../../../src/platform/index.ts';
import { journalOn, openJournal, options } from '../../journal/fixture.ts';
import { runSql } from '../../support/sql.ts';
import { ASSET, keys, money, pot } from './fixture.ts';
import { platformOn } from './platform.ts';

const ROW =
  'select value, reserve, surplus, sum, paid, hits::int, cycle::int, drawn_at, trigger_from, trigger_to, ' +
  '(extract(epoch from due_at) * 1000000)::int8 as due from jackpot_pot where id = $1';

/** A pot whose cycles end after some seconds. */
export const timed = (seconds: number, more: Partial<Parameters<typeof pot>[0]> = {}): ReturnType<typeof pot> =>
  pot({ externalDrop: false, mustDrop: { kind: 'time', seconds }, ...more });

let endings = 50_000;

/** Two servers without tasks on one database: each step of an end is taken by hand. */
export class Ends {
  readonly url: string;
  readonly faults: unknown[];
  readonly journals: readonly [Journal, Journal];
  readonly platforms: readonly [Platform, Platform];
  readonly #made: readonly { readonly platform: Platform; close(): Promise<void> }[];

  private constructor(url: string, faults: unknown[], journals: readonly [Journal, Journal]) {
    this.url = url;
    this.faults = faults;
    this.journals = journals;
    this.#made = journals.map((journal) => platformOn(url, journal));
    this.platforms = [this.#made[0]!.platform, this.#made[1]!.platform];
  }

  static async open(): Promise<Ends> {
    const { url, journal, faults } = await openJournal();
    await runSql(url, "insert into asset (operator_id, asset_no, code, kind) values (1, $1, 'USD', 'currency')", [
      ASSET,
    ]);
    return new Ends(url, faults, [journal, journalOn(url, faults)]);
  }

  async close(): Promise<void> {
    await Promise.all(this.#made.map((one) => one.close()));
    await Promise.all(this.journals.map((one) => one.close()));
  }

  async row({ pots }: Jackpot, place = 0): Promise<any> {
    return (await runSql(this.url, ROW, [pots[place]!.id]))[0];
  }

  async balance(account: number): Promise<bigint> {
    return BigInt((await runSql(this.url, 'select balance from account where id = $1', [account]))[0]?.balance ?? 0);
  }

  purse(player: number): Promise<bigint> {
    return this.balance(accountId('player', player, ASSET));
  }

  escrow(ending: bigint): Promise<bigint> {
    return this.balance(accountId('escrow', Number(ending), ASSET));
  }

  /** The facts of a jackpot of one kind, oldest first. */
  async facts<T>(jackpot: Jackpot, kind: number, codec: { decode(bytes: Buffer): T }): Promise<T[]> {
    const rows = await runSql(
      this.url,
      'select fact from journal where aggregate_id = $1 and kind = $2 order by aggregate_sequence',
      [jackpot.id, kind],
    );
    return rows.map(({ fact }) => codec.decode(fact as Buffer));
  }

  /** Ends a cycle, as the task does that was ordered for a time: by default for when the cycle is due. */
  async end(
    jackpot: Jackpot,
    { server = 0, at, place = 0 }: { server?: number; at?: number; place?: number } = {},
  ): Promise<CloseAnswer> {
    const due = at ?? Number((await this.row(jackpot, place)).due);
    const request = { jackpot, pot: jackpot.pots[place]!, end: 'time', ending: endings++, at: due } as const;
    return this.journals[server]!.run(closing(keys), request, taskOptions(1, jackpot.id));
  }

  /** Draws a pot finally. */
  draw(jackpot: Jackpot, { server = 0, place = 0 }: { server?: number; place?: number } = {}): Promise<CloseAnswer> {
    const request = { jackpot, pot: jackpot.pots[place]!, end: 'final', ending: endings++, at: 0 } as const;
    return this.journals[server]!.run(closing(keys), request, options({ route: jackpot.id }));
  }

  due(jackpot: Jackpot): Promise<boolean> {
    return until(async () => Number((await this.row(jackpot)).due) <= Date.now() * 1000, 15_000);
  }

  async pay(ending: bigint): Promise<PotPaid> {
    return (await payEnd(this.platforms[0], 1, Number(ending))).facts[0]!.data as PotPaid;
  }

  /** Who has brought a micro-unit of a pot's cycle, by a walk through all contributions. */
  async bringer(jackpot: Jackpot, cycle: number, point: bigint, place = 0): Promise<number> {
    let [sum, at] = [0n, 1];
    for (const { player, pots } of await this.facts(jackpot, 1102, JackpotContributedV2)) {
      const fed = pots[place]!;
      const brought = fed.value + fed.reserve;
      // The sum begins anew with each cycle.
      if (sum > 0n && fed.sum === brought) [sum, at] = [0n, at + 1];
      sum += brought;
      assert.equal(fed.sum, sum);
      if (at === cycle && sum > point) return Number(player);
    }
    throw new Error(`${point} is beyond ${sum}`);
  }

  /** Asserts that a jackpot's rows and its account agree. */
  async assertBooks(jackpot: Jackpot): Promise<void> {
    const { rows, account } = await money(this.url, jackpot);
    assert.equal(rows, account);
  }
}
