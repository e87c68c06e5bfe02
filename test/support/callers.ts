import { createHash } from 'node:crypto';
import { deriveKey } from '../../src/master-keys.ts';
import { Tokens } from '../../src/tenants/index.ts';
import type { Call, Headers } from './api.ts';
import { MASTER_KEY, ROOT_PASSWORD } from './service.ts';
import { runSql } from './sql.ts';

const DEMO = { username: 'demo', password: 'demo' };
const SERVICE = { authorization: 'Bearer wf_test_demo' };
const SCOPES = [
  'read',
  'play',
  'jackpot:contribute',
  'jackpot:drop',
  'ledger:issue',
  'players:write',
  'players:erase',
  'grants:confirm',
  'raffle:draw',
  'jackpot:award',
];
const OTHER_KEY = 'wf_test_other';

/** Callers of every kind, by the names that cases and the matrix use; each is created on first use. */
export class Callers {
  readonly #call: Call;
  readonly #databaseUrl: string;
  readonly #made = new Map<string, Promise<Record<string, string>>>();

  constructor(call: Call, databaseUrl: string) {
    this.#call = call;
    this.#databaseUrl = databaseUrl;
  }

  headers(as: string, userId: string): Promise<Record<string, string>> {
    const key = as === 'player' ? `player ${userId}` : as;
    let headers = this.#made.get(key);
    if (headers === undefined) this.#made.set(key, (headers = this.#make(as, userId)));
    return headers;
  }

  async #make(as: string, userId: string): Promise<Record<string, string>> {
    const tokens = new Tokens(deriveKey(Buffer.from(MASTER_KEY, 'hex'), 'auth'));
    const player = { operator: 1, brand: 1001, userId: userId || 'somebody' };
    switch (as) {
      case 'anonymous':
        return {};
      case 'service':
        return SERVICE;
      case 'admin':
        return { authorization: `Bearer ${await this.#logIn(DEMO)}` };
      case 'root':
        return { authorization: `Bearer ${await this.#logIn({ username: 'root', password: ROOT_PASSWORD })}` };
      case 'player':
        return {
          'x-auth-token': await this.#token('PlayerService.IssuePlayerToken', { user_id: player.userId }, SERVICE),
        };
      case 'other-service':
        return this.#otherOperator();
      case 'unknown-key':
        return { authorization: 'Bearer wf_test_nobody' };
      case 'wrong-operator':
        await this.#otherOperator();
        return { ...SERVICE, 'x-windfall-operator': 'other' };
      case 'unknown-operator':
        return { 'x-windfall-operator': 'no-such-operator' };
      case 'expired-player':
        return { 'x-auth-token': (await tokens.issuePlayer(player, -10)).token };
      case 'forged-player':
        return { 'x-auth-token': (await new Tokens(Buffer.alloc(32)).issuePlayer(player, 900)).token };
      case 'expired-admin':
        return { authorization: `Bearer ${(await tokens.issuePlayer(player, -10)).token}` };
      default:
        return this.#scoped(
          as.startsWith('only ') ? [as.slice(5)] : SCOPES.filter((scope) => scope !== as.replace('without ', '')),
        );
    }
  }

  #logIn(login: Record<string, string>): Promise<string> {
    return this.#token('AuthService.LoginAdmin', login, {});
  }

  async #token(rpc: string, request: Record<string, string>, headers: Headers): Promise<string> {
    const { body, status } = await this.#call(rpc, request, headers);
    if (status !== 'OK') throw new Error(`${rpc}: ${status}`);
    return (body as { token: string }).token;
  }

  /** A key with some scopes: as "only read", or "without read". */
  async #scoped(scopes: string[]): Promise<Record<string, string>> {
    const { body } = await this.#call('AuthService.CreateApiKey', { scopes }, await this.headers('admin', ''));
    return { authorization: `Bearer ${(body as { secret: string }).secret}` };
  }

  /** A second operator, `other`, with its own brand, asset and key. */
  async #otherOperator(): Promise<Record<string, string>> {
    const hash = createHash('sha256').update(OTHER_KEY).digest();
    await runSql(
      this.#databaseUrl,
      `
      with o as (insert into operator (name) values ('other') on conflict do nothing returning operator_id),
      b as (insert into brand (operator_id, brand_id, name) select operator_id, 2001, 'main' from o),
      a as (insert into asset (operator_id, asset_no, code, kind) select operator_id, 0, 'WINZ', 'coin' from o)
      insert into api_key (operator_id, prefix, secret_hash, scopes, name)
      select operator_id, 'wf_test_other', $1, $2, 'other' from o`,
      [hash, SCOPES],
    );
    return { authorization: `Bearer ${OTHER_KEY}` };
  }
}
