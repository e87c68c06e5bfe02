import { createOrm } from '../../src/db/index.ts';
import { deriveKey } from '../../src/master-keys.ts';
import { engines } from '../../src/engines/index.ts';
import type { Role } from '../../src/kernel/index.ts';
import { entitiesOf } from '../../src/schema.ts';
import { bootstrap, Tokens } from '../../src/tenants/index.ts';
import type { Headers } from '../support/api.ts';
import { MASTER_KEY, ROOT_PASSWORD, until, type Service } from '../support/service.ts';
import { runSql } from '../support/sql.ts';
import { LOGIN, type Scene } from './scene.ts';

/** A kind of caller: whose, of which brand, and what it lacks. */
export interface Who {
  readonly name: string;
  readonly operator: 'A' | 'B';
  readonly role: Role;
  /** 0: of all brands. */
  readonly brand: 0 | 1 | 2;
  /** Of a player: whether it has the name of the scene's player. */
  readonly named: boolean;
  /** Of a key: whether it has the scope of the RPC. */
  readonly scoped: boolean;
}

const who = (operator: Who['operator'], role: Role, brand: Who['brand'], more: Partial<Who> = {}): Who => {
  const full = { operator, role, brand, named: true, scoped: true, ...more };
  const lacking = full.scoped ? '' : ', without the scope';
  const of = brand === 0 ? '' : `, brand ${brand}`;
  return { ...full, name: `${full.named ? '' : 'another '}${role} of ${operator}${of}${lacking}` };
};

/** The same callers of both operators, and root, who is of none and may see the things of both. */
export const CALLERS: readonly Who[] = (['A', 'B'] as const)
  .flatMap((operator) => [
    who(operator, 'anonymous', 0),
    who(operator, 'player', 1),
    who(operator, 'player', 1, { named: false }),
    who(operator, 'player', 2),
    who(operator, 'service', 0),
    who(operator, 'service', 1),
    who(operator, 'service', 2),
    who(operator, 'service', 0, { scoped: false }),
    who(operator, 'admin', 0),
  ])
  .concat(who('A', 'root', 0));

const PASSWORD = 'correct horse battery';
const NUMBERS = { A: [0, 1001, 1002], B: [0, 2001, 2002] } as const;

/** Two operators with two brands each, and what their callers send. */
export class Tenants {
  readonly #service: Service;
  readonly #tokens = new Tokens(deriveKey(Buffer.from(MASTER_KEY, 'hex'), 'auth'));
  readonly #keys = new Map<string, Promise<Headers>>();
  readonly #admins = new Map<string, Headers>();
  readonly #operators = { A: { name: 'demo', number: 1 }, B: { name: 'beta', number: 0 } };

  readonly #scopes: readonly string[];

  private constructor(service: Service, scopes: readonly string[]) {
    this.#service = service;
    this.#scopes = scopes;
  }

  static async start(service: Service, scopes: readonly string[]): Promise<Tenants> {
    const { databaseUrl } = service;
    const orm = createOrm({ databaseUrl, databasePool: 1 }, entitiesOf(engines));
    await bootstrap(orm, {
      operator: 'beta',
      brand: { id: 2001, name: 'main' },
      assets: ['WINZ', 'USD'].map((code) => ({ code, kind: 'coin' as const })),
      admin: { userName: 'bob', password: PASSWORD },
      webhooks: { hosts: ['127.0.0.1'], http: true, privateNetworks: true },
    });
    await orm.close();
    const tenants = new Tenants(service, scopes);
    const [row] = await runSql(databaseUrl, "select operator_id from operator where name = 'beta'");
    tenants.#operators.B.number = Number(row.operator_id);
    for (const [operator, brand] of [
      [1, 1002],
      [tenants.#operators.B.number, 2002],
    ]) {
      const insert = "insert into brand (operator_id, brand_id, name) values ($1, $2, 'second')";
      await runSql(databaseUrl, insert, [operator, brand]);
    }
    tenants.#admins.set('A', await tenants.#logIn(LOGIN));
    tenants.#admins.set('B', await tenants.#logIn({ username: 'bob', password: PASSWORD }));
    tenants.#admins.set('root', await tenants.#logIn({ username: 'root', password: ROOT_PASSWORD }));
    return tenants;
  }

  /** @param scope the one that a key lacks where it lacks one. */
  async headers({ operator, role, brand, named, scoped }: Who, scope: string | null, scene: Scene): Promise<Headers> {
    const { name, number } = this.#operators[operator];
    if (role === 'anonymous') return { 'x-windfall-operator': name };
    if (role === 'admin') return this.#admins.get(operator)!;
    if (role === 'root') return this.#admins.get('root')!;
    const brandId = NUMBERS[operator][brand];
    if (role === 'service') return this.#key(operator, brandId, scoped ? null : scope);
    const userId = named ? scene.player : 'somebody-else';
    const { token } = await this.#tokens.issuePlayer({ operator: number, brand: brandId, userId }, 900);
    return { 'x-auth-token': token };
  }

  #key(operator: Who['operator'], brand: number, without: string | null): Promise<Headers> {
    const name = `${operator}/${brand}/${without}`;
    let key = this.#keys.get(name);
    if (key === undefined) this.#keys.set(name, (key = this.#makeKey(operator, brand, without)));
    return key;
  }

  async #makeKey(operator: Who['operator'], brand: number, without: string | null): Promise<Headers> {
    const scopes = this.#scopes.filter((scope) => scope !== without);
    const request = { scopes, brand_id: brand === 0 ? '' : String(brand) };
    let secret = '';
    // The server knows a new brand within a second.
    await until(async () => {
      const { body } = await this.#service.grpc('AuthService.CreateApiKey', request, this.#admins.get(operator));
      secret = (body as { secret: string } | null)?.secret ?? '';
      return secret !== '';
    });
    return { authorization: `Bearer ${secret}` };
  }

  async #logIn(login: Record<string, string>): Promise<Headers> {
    const { body } = await this.#service.grpc('AuthService.LoginAdmin', login, {});
    return { authorization: `Bearer ${(body as { token: string }).token}` };
  }
}
