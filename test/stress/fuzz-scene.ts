import type { JsonValue } from '@bufbuild/protobuf';
import { createOrm } from '../../src/db/index.ts';
import { engines } from '../../src/engines/index.ts';
import { entitiesOf } from '../../src/schema.ts';
import { addBrand, bootstrap, Operator } from '../../src/tenants/index.ts';
import { Scene } from '../contract/scene.ts';
import type { Headers } from '../support/api.ts';
import type { Service } from '../support/service.ts';

const PASSWORD = 'correct horse battery';
/** Of the campaign's own admins. */
export const OWN_PASSWORDS: readonly string[] = ['demo', PASSWORD];
const OTHER = { username: 'bob', password: PASSWORD };
const SCOPES =
  'read play jackpot:contribute jackpot:drop jackpot:award raffle:draw ledger:issue players:write players:erase ' +
  'grants:confirm';
/** Players who come again. */
export const PLAYERS = Array.from({ length: 100 }, (_, i) => `fuzz-${i}`);

/** The callers of a campaign, of two operators: admins, keys of all scopes, of some, of one brand; players. */
export class FuzzCallers {
  readonly #service: Service;
  readonly #made = new Map<string, Promise<Headers>>();

  constructor(service: Service) {
    this.#service = service;
  }

  /** @param as such as "admin", "service", "player", or what the cases of the contract name. */
  headers(as: string, isOther: boolean, user: string): Promise<Headers> {
    if (as === 'other-service' || as === 'wrong-operator') return this.headers('service', true, user);
    if (!isOther && !/^(brand|player)/.test(as)) return this.#service.credentials(as, user);
    const key = `${isOther} ${as} ${as === 'player' ? user : ''}`;
    let headers = this.#made.get(key);
    if (headers === undefined) this.#made.set(key, (headers = this.#make(as, isOther, user)));
    return headers;
  }

  async #make(as: string, isOther: boolean, user: string): Promise<Headers> {
    const { grpc } = this.#service;
    if (as === 'admin') {
      const { body } = await grpc('AuthService.LoginAdmin', OTHER);
      return { authorization: `Bearer ${(body as { token: string }).token}` };
    }
    if (as === 'player') {
      const service = await this.headers('service', isOther, '');
      const named = { user_id: user || 'somebody', brand_id: 'main' };
      const { body } = await grpc('PlayerService.IssuePlayerToken', named, service);
      return { 'x-auth-token': (body as { token: string }).token };
    }
    const scopes = as.startsWith('only ') ? [as.slice(5)] : SCOPES.split(' ');
    const brand = as.startsWith('brand') || isOther ? { brand_id: 'main' } : {};
    const admin = await this.headers('admin', isOther, '');
    const { body } = await grpc('AuthService.CreateApiKey', { name: as, scopes, ...brand }, admin);
    return { authorization: `Bearer ${(body as { secret: string }).secret}` };
  }
}

/** Makes another operator with two brands, and its admin. */
export async function bootstrapOther(databaseUrl: string): Promise<void> {
  const orm = createOrm({ databaseUrl, databasePool: 1 }, entitiesOf(engines));
  const coin = ['WINZ'].map((code) => ({ code, kind: 'coin' as const }));
  await bootstrap(orm, {
    operator: 'beta',
    brand: { id: 2001, name: 'main' },
    assets: [...coin, { code: 'USD', kind: 'currency' }, { code: 'EUR', kind: 'currency' }],
    admin: { userName: OTHER.username, password: PASSWORD },
    webhooks: { hosts: ['127.0.0.1', 'localhost'], http: true, privateNetworks: true },
  });
  const em = orm.em.fork();
  const { operatorId } = await em.findOneOrFail(Operator, { name: 'beta' });
  await em.transactional((transaction) => addBrand(transaction, operatorId, 'second', ''));
  await orm.close();
}

/** What exists, by the names of fields: things of all engines, and players with money. */
export async function firstWords(service: Service): Promise<Record<string, JsonValue[]>> {
  const scenes = [new Scene(service), new Scene(service)];
  const words: Record<string, JsonValue[]> = {
    user_id: [...PLAYERS],
    brand_id: ['main', '1001', 'demo:main', 'main', 'demo:main'],
    owner_id: ['demo', 'demo:main', 'demo', 'beta'],
    asset: ['WINZ', 'USD', 'EUR', 'TOKEN'],
    pot_id: ['main'],
    country: ['MT', 'DE'],
    amount: ['1', '0.5', '10'],
  };
  const add = (name: string, value: JsonValue): unknown => (words[name] ??= []).push(value);
  for (const scene of scenes) {
    await Promise.all([scene.funded(), scene.delivery(), scene.journey(), scene.optedIn(), scene.currencies()]);
    add('user_id', scene.player);
    add('LootboxService.id', await scene.lootbox());
    add('JackpotService.id', await scene.jackpot());
    add('JackpotService.id', await scene.freshJackpot());
    add('RaffleService.id', await scene.raffle());
    add('TournamentService.id', await scene.tournament());
    add('MiniGameService.id', await scene.miniGame());
    add('JourneyService.id', await scene.journey());
    add('template_id', await scene.template());
    add('instance_id', await scene.instance());
    add('instance_id', await scene.potsRaffle());
    add('instance_id', (await scene.withheld()).instance_id);
    add('gameround_id', (await scene.withheld()).gameround_id);
    add('source_id', await scene.source());
    add('SegmentService.id', await scene.segment());
    add('grant_id', await scene.grant());
    add('webhook_id', await scene.webhook());
    add('delivery_id', await scene.delivery());
    add('draw_id', await scene.draw());
    add('admin_id', await scene.admin());
    add('key_id', await scene.key());
  }
  for (const user_id of PLAYERS.slice(0, 50)) {
    for (const asset of ['WINZ', 'USD'])
      await service.grpc(
        'LedgerService.CreateTransfer',
        { source: { kind: 'operator' }, destination: { kind: 'player', user_id }, asset, amount: '100000' },
        await service.credentials('admin', ''),
      );
  }
  return words;
}
