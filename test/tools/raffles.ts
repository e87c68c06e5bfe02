import { fromJson, toBinary, type JsonObject } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';

type Fields = Readonly<Record<string, string>>;

/** A message whose fields are named with their types: "string", a message, or a list of either as "Prize[]". */
const message = (name: string, fields: Fields): JsonObject => ({
  name,
  field: Object.entries(fields).map(([field, type], i) => {
    const element = type.replace('[]', '');
    const scalar = element === 'string' || element === 'int32';
    return {
      name: field,
      jsonName: field.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
      number: i + 1,
      label: type.endsWith('[]') ? 'LABEL_REPEATED' : 'LABEL_OPTIONAL',
      type: scalar ? `TYPE_${element.toUpperCase()}` : 'TYPE_MESSAGE',
      ...(scalar ? {} : { typeName: `.raffle.v1.${element}` }),
    };
  }),
});
/** A service whose methods are given with their request and response messages. */
const service = (name: string, methods: Fields): JsonObject => ({
  name,
  method: Object.entries(methods)
    .filter(([, types]) => types !== '')
    .map(([rpc, types]) => {
      const [input, output, stream] = types.split(' ').map((type) => `.raffle.v1.${type}`);
      return { name: rpc, inputType: input!, outputType: output!, serverStreaming: stream !== undefined };
    }),
});

const WHOLE = {
  ListRaffles: 'Create Page',
  UpdateRaffle: 'Update One',
  GetRaffle: 'Create One',
  CreateRaffle: 'Create One',
};

/** The contract of another engine. Only the last of its services has definitions. */
const RAFFLES = {
  name: 'raffle.proto',
  package: 'raffle.v1',
  syntax: 'proto3',
  messageType: [
    message('Raffle', { id: 'string', status: 'string', version: 'int32' }),
    message('Prize', { label: 'string' }),
    message('PrizeList', { note: 'string', prizes: 'Prize[]' }),
    message('Tags', { values: 'string[]', others: 'Prize[]' }),
    message('Create', {
      id: 'string',
      status: 'string',
      effective_time: 'string',
      idempotency_key: 'string',
      asset: 'string',
      prizes: 'Prize[]',
      extra: 'Prize[]',
      tag_names: 'string[]',
    }),
    message('Update', {
      id: 'string',
      status: 'string',
      effective_time: 'string',
      idempotency_key: 'string',
      prizes: 'Prize[]',
      extra: 'PrizeList',
      tag_names: 'Tags',
    }),
    message('Nameless', { code: 'string' }),
    message('One', { raffle: 'Raffle' }),
    message('Page', { raffles: 'Raffle[]', next_page_token: 'string' }),
    message('Both', { raffles: 'Raffle[]', prizes: 'Prize[]' }),
  ],
  service: [
    service('NoUpdate', { ...WHOLE, UpdateRaffle: '' }),
    service('StreamedGet', { ...WHOLE, GetRaffle: 'Create One stream' }),
    service('ListOfTwo', { ...WHOLE, ListRaffles: 'Create Both' }),
    service('NoId', { ...WHOLE, CreateRaffle: 'Nameless One' }),
    service('Whole', WHOLE),
  ],
};

/** The descriptor set of the contract. */
export const RAFFLE_SET = toBinary(FileDescriptorSetSchema, fromJson(FileDescriptorSetSchema, { file: [RAFFLES] }));
