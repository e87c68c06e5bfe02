import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { JsonObject } from '@bufbuild/protobuf';
import { afterAll, beforeAll, test } from 'vitest';
import { parse } from 'yaml';
import { engines, type Engine } from '../../src/engines/index.ts';
import { definitionSections, type DefinitionSection } from '../../src/tools/definition-sections.ts';
import { grpcApi, methods, registry, type Outcome } from '../support/api.ts';
import { Callers } from '../support/callers.ts';
import { freshDatabase } from '../support/database.ts';
import { startServer, type ServerProcess } from '../support/service.ts';
import { soon } from './definition.ts';

const DEMO = parse(readFileSync(new URL('../../src/tools/demo.yaml', import.meta.url), 'utf8')) as Record<
  string,
  JsonObject[]
>;
const OUTSIDERS = ['anonymous', 'player'];

let server: ServerProcess;
let api: ReturnType<typeof grpcApi>;
let callers: Callers;
beforeAll(async () => {
  const url = await freshDatabase();
  server = await startServer(url);
  api = grpcApi(server.address);
  callers = new Callers(api.call, url);
});
afterAll(async () => {
  api?.close();
  await server?.end();
});

/** A definition of an engine, as the demo has it. */
class Subject {
  readonly #service: string;
  readonly #one: string;
  readonly #id: string;
  readonly #content: JsonObject;

  constructor({ create, name }: DefinitionSection, id: string) {
    const [content] = DEMO[name] ?? [];
    assert.ok(content !== undefined, `src/tools/demo.yaml has no ${name}`);
    this.#service = create.parent.name;
    this.#one = create.name.slice('Create'.length);
    this.#content = content;
    this.#id = id;
  }

  async #call(verb: string, request: JsonObject, as: string): Promise<Outcome> {
    const rpc = `${this.#service}.${verb}${this.#one}`;
    return api.call(rpc, { ...request, id: this.#id }, await callers.headers(as, ''));
  }

  async #done(verb: string, request: JsonObject, as = 'admin'): Promise<JsonObject> {
    const { reason, details, body } = await this.#call(verb, request, as);
    assert.equal(reason, null, `${verb}: ${reason} ${JSON.stringify(details)}`);
    return body as JsonObject;
  }

  create = (request: JsonObject) => this.#done('Create', { ...this.#content, ...request });
  update = (request: JsonObject) => this.#done('Update', request);
  seen = (as: string, version = 0) => this.#done('Get', { version }, as);
  hidden = async (as: string, version = 0) => (await this.#call('Get', { version }, as)).reason;
  /** Ends it: engines archive their definitions, or cancel them. */
  end = () => this.#done(methods.has(`${this.#service}.Archive${this.#one}`) ? 'Archive' : 'Cancel', {});
}

const sections = definitionSections(registry);

/** The section of an engine's definitions; of pots, whose instances are jackpots, there is none. */
const sectionOf = ({ service }: Pick<Engine, 'service'>): DefinitionSection | undefined => {
  const path = Object.values(service)[0]!.path.split('/')[1];
  return sections.find(({ create }) => create.parent.typeName === path);
};

test('only pots have definitions that this test does not know, and nothing is drawn from those', () => {
  const others = engines.filter((engine) => sectionOf(engine) === undefined);
  assert.deepEqual(
    others.map(({ name, draws }) => [name, draws({} as never)]),
    [['pots', []]],
  );
});

for (const one of engines) {
  const [engine, section] = [one.name, sectionOf(one)];
  if (section === undefined) continue;
  test(`every published version of a ${engine} is public for ever with its times, and no draft is`, async () => {
    const [one, later] = [new Subject(section, `public-${engine}`), new Subject(section, `later-${engine}`)];
    await one.create({ name: 'First', status: 'draft' });
    await one.update({ name: 'Second' });
    for (const as of OUTSIDERS) assert.match((await one.hidden(as))!, /_NOT_FOUND$/);
    const opened = await one.update({ status: 'active' });
    const at = soon(3_600_000);
    const scheduled = await one.update({ name: 'Third', effective_time: at });
    for (const as of OUTSIDERS) {
      const { name, latest_version, scheduled_version, scheduled_time } = await one.seen(as);
      assert.deepEqual([name, latest_version, scheduled_version, scheduled_time], ['Second', 3, 3, at]);
      // All that it will be is known: what insiders alone see is what others have done with it.
      assert.deepEqual({ ...(await one.seen('admin', 3)), ...(await one.seen(as, 3)) }, await one.seen('admin', 3));
      const shown = await one.seen(as, 3);
      assert.deepEqual(
        [shown['name'], shown['effective_time'], shown['publish_time']],
        ['Third', at, scheduled['publish_time']],
      );
      assert.equal(await one.hidden(as, 1), 'VERSION_NOT_FOUND', 'a version from the time of the draft');
      assert.equal(await one.hidden(as, 4), 'VERSION_NOT_FOUND');
    }
    const fourth = await one.update({ name: 'Fourth' });
    const withdrawn = async (): Promise<void> => {
      for (const as of OUTSIDERS) {
        const shown = await Promise.all([2, 3, 4].map((version) => one.seen(as, version)));
        assert.deepEqual(
          shown.map((each) => [
            each['name'],
            each['publish_time'],
            each['effective_time'] ?? null,
            each['superseded_time'] ?? null,
          ]),
          [
            ['Second', opened['publish_time'], opened['effective_time'], fourth['effective_time']],
            ['Third', scheduled['publish_time'], null, null],
            ['Fourth', fourth['publish_time'], fourth['effective_time'], null],
          ],
        );
        assert.deepEqual(
          shown.map((each) => each['scheduled_version'] ?? null),
          [null, null, null],
        );
      }
    };
    await withdrawn();
    await one.end();
    await withdrawn();
    await later.create({ name: 'First', effective_time: at });
    for (const as of OUTSIDERS) assert.match((await later.hidden(as, 1))!, /_NOT_FOUND$/);
  });
}
