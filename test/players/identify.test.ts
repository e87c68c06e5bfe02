import assert from 'node:assert/strict';
import { beforeAll, describe, test } from 'vitest';
import { MasterKeys } from '../../src/fairness/index.ts';
import { Journal, rowNumbers } from '../../src/journal/index.ts';
import type { Caller } from '../../src/kernel/index.ts';
import type { Platform } from '../../src/platform/index.ts';
import { Identify, Players } from '../../src/players/index.ts';
import { playerService } from '../../src/services/players/service.ts';
import { Directory, Tokens } from '../../src/tenants/index.ts';
import { clusterUrl } from '../support/database.ts';
import { register } from '../journal/fixture.ts';
import { database, makeOperator, refusalOf } from '../tenants/fixture.ts';

type Service = ReturnType<typeof playerService>;
type Context = Parameters<Service['getPlayer']>[1];

const callerOf = (operator: number, more: Partial<Caller> = {}): Caller => ({
  role: 'service',
  operator,
  brand: null,
  scopes: new Set(),
  userId: null,
  name: 'key:1',
  ...more,
});
const as = (caller: Caller): Context => ({ caller }) as Context;
const tokens = new Tokens(Buffer.alloc(32, 7));
let identify: Identify;
let players: Players;
let service: Service;

const db = database(async (opened) => {
  await makeOperator(opened, 'acme', 2001);
  await makeOperator(opened, 'closed', 3001);
  await opened.run("insert into brand (operator_id, brand_id, name) values (1, 2002, 'second')");
  await opened.run("update operator set create_players = false where name = 'closed'");
});

beforeAll(async () => {
  const [{ name }] = await db.run('select current_database() as name');
  const journal = new Journal(
    {
      databaseUrl: clusterUrl().replace(/[^/]+$/, name),
      register,
      assetCode: () => '?',
      fault: (error) => assert.fail(String(error)),
    },
    1,
  );
  const tenants = new Directory(db.reads);
  const seeds = new MasterKeys([['1', Buffer.alloc(32, 7)]], '1');
  players = new Players({ reads: db.reads, journal, newId: rowNumbers(db.reads), seeds });
  identify = new Identify(tenants, players);
  const parts: Partial<Platform> = { players, identify, tenants, tokens, journal, requestHash: () => () => '' };
  service = playerService(parts as Platform);
  return () => journal.close();
});

describe('a player whom nobody knows', () => {
  test('is created by a write that names it, once', async () => {
    const first = await identify.ensure({ userId: 'new', brandId: 'main' }, callerOf(1));
    assert.deepEqual(await identify.ensure({ userId: 'new', brandId: '2001' }, callerOf(1)), first);
    assert.equal((await players.get({ operator: 1, brandId: 2001, userId: 'new' })).id, first.player);
  });

  test('is not found by a read', async () => {
    const { reason } = await refusalOf(() => identify.find({ userId: 'nobody', brandId: 'main' }, callerOf(1)));
    assert.equal(reason, 'PLAYER_NOT_FOUND');
  });

  test('is not created where the operator creates its players itself', async () => {
    const unknown = { userId: 'new', brandId: 'main' };
    const { reason, details } = await refusalOf(() => identify.ensure(unknown, callerOf(2)));
    assert.deepEqual([reason, details], ['PLAYER_NOT_FOUND', { user_id: 'new' }]);
    assert.deepEqual(await players.list(2, 3001, '', 10), []);
    const { player } = await players.ensure({ operator: 2, brandId: 3001, userId: 'new' }, callerOf(2));
    assert.equal((await identify.ensure(unknown, callerOf(2))).player, player);
  });
});

test('one user id is another player in each brand', async () => {
  const one = await identify.ensure({ userId: 'twin', brandId: 'main' }, callerOf(1));
  const other = await identify.ensure({ userId: 'twin', brandId: 'second' }, callerOf(1));
  assert.notEqual(one.player, other.player);
  assert.deepEqual([one.brandId, other.brandId], [2001, 2002]);
});

describe("a player's token", () => {
  const own = callerOf(1, { role: 'player', brand: 2001, userId: 'me', name: 'player:me' });

  test('means the player, whether named or not', async () => {
    const { player } = await identify.ensure({ userId: '', brandId: '' }, own);
    for (const [userId, brandId] of [
      ['me', ''],
      ['', 'main'],
      ['me', '2001'],
    ] as const) {
      assert.equal((await identify.ensure({ userId, brandId }, own)).player, player);
    }
  });

  test('means no other player, and none of another brand', async () => {
    for (const [userId, brandId] of [
      ['you', ''],
      ['', 'second'],
      ['me', '2002'],
      ['me', '3001'],
      ['me', 'no-such-brand'],
    ] as const) {
      const { reason } = await refusalOf(() => identify.ensure({ userId, brandId }, own));
      assert.equal(reason, 'PERMISSION_DENIED', `${userId} of ${brandId}`);
    }
  });

  test('is valid for 15 minutes, or as long as ttl_seconds says', async () => {
    const issue = async (ttlSeconds: number): Promise<number> => {
      const { expireTime } = await service.issuePlayerToken(
        { userId: 'me', brandId: 'main', ttlSeconds },
        as(callerOf(1)),
      );
      return Math.round((expireTime!.getTime() - Date.now()) / 1000);
    };
    for (const [asked, given] of [
      [0, 900],
      [1, 1],
      [60, 60],
      [86_400, 86_400],
    ] as const) {
      assert.ok(Math.abs((await issue(asked)) - given) <= 2, `${asked}`);
    }
  });
});

test("players are listed by their user ids, in pages of any size, each brand's own", async () => {
  const ids = ['a', 'a/b', 'a0', 'b', '~'];
  for (const userId of ids) await identify.ensure({ userId, brandId: 'second' }, callerOf(1));
  const list = async (brandId: string, pageSize: number): Promise<string[]> => {
    const found: string[] = [];
    let pageToken = '';
    do {
      const page = await service.listPlayers({ brandId, pageSize, pageToken }, as(callerOf(1)));
      assert.ok(page.players.length <= pageSize);
      found.push(...page.players.map(({ userId }) => userId));
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    return found;
  };
  const all = [...ids, 'twin'].sort();
  for (const size of [1, 2, 5, 6, 7]) assert.deepEqual(await list('second', size), all, `in pages of ${size}`);
  assert.ok(!(await list('main', 500)).some((userId) => ids.includes(userId)));
});
