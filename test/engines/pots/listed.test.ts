import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from 'vitest';
import { startService, type Service } from '../../support/service.ts';
import { Stage } from './stage.ts';

let service: Service;
let stage: Stage;
beforeAll(async () => {
  service = await startService();
  stage = new Stage(service);
});
afterAll(() => service.stop());

test('instances are in their own list alone; pages of jackpots are full, GetJackpot shows one', async () => {
  // Their ids come before those of the demo's jackpots.
  const ids = [await stage.instance(), await stage.instance(), await stage.instance()];
  const listed: string[] = [];
  for (let page_token = '', pages = 1; pages <= 2; pages++) {
    const { jackpots, next_page_token } = await stage.call('admin', 'JackpotService.ListJackpots', {
      page_size: 1,
      page_token,
    });
    assert.equal(jackpots.length, 1);
    listed.push(jackpots[0].id);
    page_token = next_page_token;
  }
  assert.deepEqual(listed, ['daily-drop', 'mystery']);
  const own = await stage.call('admin', 'InstanceService.ListInstances', { ids: ids.join(',') });
  assert.deepEqual(own.map(({ id }: any) => id).sort(), ids.toSorted());
  const [id] = ids;
  assert.equal((await stage.call('service', 'JackpotService.GetJackpot', { id: id! })).id, id);
  // A change of status alone leaves it where it is.
  await stage.call('admin', 'InstanceService.SetInstanceStatus', { instance_id: id!, status: 'Paused' });
  const { jackpots } = await stage.call('admin', 'JackpotService.ListJackpots', { status: 'paused' });
  assert.deepEqual(jackpots, []);
});
