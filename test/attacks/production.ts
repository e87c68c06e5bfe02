import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOrm } from '../../src/db/index.ts';
import { engines } from '../../src/engines/index.ts';
import { entitiesOf } from '../../src/schema.ts';
import { bootstrap } from '../../src/tenants/index.ts';
import { grpcApi, type Call, type Headers } from '../support/api.ts';
import { runCommand } from '../support/command.ts';
import { demoDatabase, MASTER_KEY, startServer } from '../support/service.ts';

const LOGIN = { username: 'paula', password: 'correct horse battery' };

/** A server in production on a copy of the demo's database, put there with an epoch of its own. */
export interface Production extends AsyncDisposable {
  readonly url: string;
  readonly call: Call;
  /** Of an admin of the operator `demo`. */
  readonly admin: Headers;
}

export async function startProduction(): Promise<Production> {
  const folder = mkdtempSync(join(tmpdir(), 'windfall-attacks-'));
  const url = await demoDatabase();
  const env = { WINDFALL_MODE: 'production', MARK_FILE: join(folder, 'mark'), MASTER_KEY };
  const { code, output } = await runCommand('node', ['src/tools/epoch.ts', 'new'], { ...env, DATABASE_URL: url });
  if (code !== 0) throw new Error(output);
  const orm = createOrm({ databaseUrl: url, databasePool: 1 }, entitiesOf(engines));
  await bootstrap(orm, {
    operator: 'demo',
    assets: [],
    admin: { userName: LOGIN.username, password: LOGIN.password },
  });
  await orm.close();
  const server = await startServer(url, env);
  const { call, close } = grpcApi(server.address);
  const { body } = await call('AuthService.LoginAdmin', LOGIN);
  return {
    url,
    call,
    admin: { authorization: `Bearer ${(body as { token: string }).token}` },
    async [Symbol.asyncDispose]() {
      close();
      await server.end('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
