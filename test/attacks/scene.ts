import type { JsonObject } from '@bufbuild/protobuf';
import { createOrm } from '../../src/db/index.ts';
import { engines } from '../../src/engines/index.ts';
import { entitiesOf } from '../../src/schema.ts';
import { bootstrap } from '../../src/tenants/index.ts';
import { grpcApi, type Call, type Headers, type Outcome } from '../support/api.ts';
import { Callers } from '../support/callers.ts';
import { demoDatabase, startEnvoy, startServer, until, type EnvoyProcess } from '../support/service.ts';
import type { ServerProcess } from '../support/service.ts';
import { framed } from './raw.ts';
import { encoded } from './requests.ts';
import { Watch } from './watch.ts';

const BOX: JsonObject = { prizes: [{ segment_label: 'sure', asset: 'WINZ', amount: '1', weight: 1 }] };
/** For boxes that are opened all the time. */
export const OFTEN: JsonObject = { limits: [{ count: 1_000_000, period: 'player_day' }] };
const PASSWORD = 'correct horse battery';

/** The whole service with its default limits, and a second operator, who plays while the first one is attacked. */
export class Scene {
  readonly databaseUrl: string;
  readonly server: ServerProcess;
  readonly envoy: EnvoyProcess;
  readonly grpc: Call;
  readonly #callers: Callers;
  readonly #close: () => void;
  #rival: Record<string, string> = {};
  #watch: Watch | null = null;
  #serial = 0;

  private constructor(databaseUrl: string, server: ServerProcess, envoy: EnvoyProcess) {
    this.databaseUrl = databaseUrl;
    this.server = server;
    this.envoy = envoy;
    const { call, close } = grpcApi(server.address);
    this.grpc = call;
    this.#close = close;
    this.#callers = new Callers(call, databaseUrl);
  }

  static async start(): Promise<Scene> {
    const databaseUrl = await demoDatabase();
    const server = await startServer(databaseUrl, { RATE_LIMIT: '', THROTTLE: '', LOG_LEVEL: 'info' });
    const scene = new Scene(databaseUrl, server, await startEnvoy(server.grpcPort));
    await scene.#admitRival();
    scene.#watch = scene.#watching();
    return scene;
  }

  /** Who watches health, memory, and how the other operator fares. */
  get watch(): Watch {
    return this.#watch!;
  }

  /** The headers of a caller of the first operator; see callers.ts. */
  as(who: string, userId = ''): Promise<Record<string, string>> {
    return this.#callers.headers(who, userId);
  }

  get rival(): Headers {
    return this.#rival;
  }

  /** Calls an RPC that must succeed. */
  async must(who: string, rpc: string, request: JsonObject): Promise<any> {
    const { status, reason, details, body } = await this.grpc(rpc, request, await this.as(who));
    if (status !== 'OK') throw new Error(`${rpc}: ${status} ${reason} ${JSON.stringify(details)}`);
    return body;
  }

  /** A name that no other attack has. */
  unique(kind: string): string {
    return `${kind}-${(this.#serial += 1)}`;
  }

  /** A new box of the first operator. */
  async box(more: JsonObject = {}): Promise<string> {
    const id = this.unique('box');
    await this.must('admin', 'LootboxService.CreateLootbox', { ...BOX, ...more, id });
    return id;
  }

  async stop(): Promise<void> {
    await this.#watch?.stop();
    this.#close();
    await this.envoy.end();
    await this.server.end('SIGKILL');
  }

  #watching(): Watch {
    const bytes = framed(encoded('LootboxService.OpenLootbox', { id: 'rival-box', user_id: 'rita' }));
    const play = { path: '/windfall.lootbox.v1.LootboxService/OpenLootbox', headers: this.#rival, bytes };
    const processes = { server: this.server.process.pid!, envoy: this.envoy.pid };
    return new Watch({ base: this.envoy.base, grpc: this.server.address, ...processes, play });
  }

  async #admitRival(): Promise<void> {
    const orm = createOrm({ databaseUrl: this.databaseUrl, databasePool: 1 }, entitiesOf(engines));
    await bootstrap(orm, {
      operator: 'rival',
      brand: { id: 2001, name: 'main' },
      assets: [{ code: 'WINZ', kind: 'coin' }],
      admin: { userName: 'rob', password: PASSWORD },
    });
    await orm.close();
    let outcome: Outcome | undefined;
    const call = async (rpc: string, request: JsonObject, headers: Headers): Promise<any> => {
      // The server knows a new operator within a second.
      await until(async () => {
        outcome = await this.grpc(rpc, request, headers);
        return outcome.status === 'OK';
      });
      return outcome!.body;
    };
    const { token } = await call('AuthService.LoginAdmin', { username: 'rob', password: PASSWORD }, {});
    const admin = { authorization: `Bearer ${token}` };
    await call('LootboxService.CreateLootbox', { ...BOX, ...OFTEN, id: 'rival-box' }, admin);
    const { secret } = await call('AuthService.CreateApiKey', { scopes: ['read', 'play'] }, admin);
    this.#rival = { authorization: `Bearer ${secret}` };
    await call('LootboxService.OpenLootbox', { id: 'rival-box', user_id: 'rita' }, this.#rival);
  }
}
