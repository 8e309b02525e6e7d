import { defineEntity } from '@millrace/projecting';
import { TrialTopic } from '@millrace/testing';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { QueriedService } from './queried-service';

interface Described {
  readonly $ref?: string;
  readonly content?: Readonly<Record<string, object>>;
  readonly headers?: Readonly<Record<string, unknown>>;
}

interface Document {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly responses: Readonly<Record<string, Described>> }>>>
  >;
  readonly components: {
    readonly responses: Readonly<Record<string, Described>>;
    readonly schemas: Readonly<Record<string, { readonly examples?: readonly object[] }>>;
  };
}

// Whatever the server really answers is looked up in the document that it serves, so that the document cannot lie.
describe('what a projection service says of itself', () => {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  formats(ajv);
  let topic: TrialTopic;
  let service: QueriedService;
  let document: Document;
  let name: string;

  beforeAll(async () => {
    topic = await TrialTopic.create({ Set: [] }, 1);
    name = `told${topic.name.replace(/[^a-z0-9]/g, '')}`;
    const projection = defineEntity({
      ...{ name, version: 1, key: 'thing', indexes: [['aText', 'anInteger']], queryable: ['aDecimal'] },
      columns: {
        ...{ aText: 'text', anInteger: 'integer', aBigint: 'bigint', aDouble: 'double', aDecimal: 'decimal' },
        ...{ aBoolean: 'boolean', aTimestamp: 'timestamp', aDate: 'date', aJson: 'json', unset: 'text' },
      },
      folds: (fold) => [
        fold(topic.event('Set'), () => ({
          ...{
            aText: 'text',
            anInteger: -1,
            aBigint: 2n ** 62n,
            aDouble: 0.1,
            aDecimal: '-12.30',
            aBoolean: true,
          },
          ...{ aTimestamp: new Date(), aDate: '2001-01-31', aJson: { any: ['thing'] }, unset: null },
        })),
      ],
    });
    service = await QueriedService.start(topic, [projection]);
    await topic.publish('Set', 'first', {});
    await service.ask(`/x?at-least=${await topic.publish('Set', 'second', {})}`);
    document = (await service.get('/v1/openapi.json')).body as unknown as Document;
    ajv.addSchema({ $id: 'https://specs.test/document', ...document });
  });

  afterAll(async () => {
    await service.close();
    await topic.close();
  });

  function faults(value: unknown, pointer: readonly string[]): unknown[] {
    const path = pointer
      .map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1'))
      .map(encodeURIComponent);
    const validate = ajv.compile({ $ref: `https://specs.test/document#/${path.join('/')}` });
    return validate(value) ? [] : (validate.errors ?? []);
  }

  it.each([
    ['/v1/projections/{name}', '', '200'],
    ['/v1/projections/{name}', '?limit=1', '200'],
    ['/v1/projections/{name}', '?aText=text&anInteger[lt]=0&sort=-anInteger', '200'],
    ['/v1/projections/{name}', '?aText[in]=a&aText[in]=text', '200'],
    ['/v1/projections/{name}', '?colour=red', '400'],
    ['/v1/projections/{name}', '?aBigint=1', '400'],
    ['/v1/projections/{name}', '?cursor=none', '400'],
    ['/v1/projections/{name}', '?at-least={topic}/0/99&wait-ms=0', '409'],
    [
      '/v1/projections/{name}',
      `?cursor=${Buffer.from('[7,"0123456789abcdef",["a"]]').toString('base64url')}`,
      '410',
    ],
    ['/v1/projections/{name}/{thing}', 'first', '200'],
    ['/v1/projections/{name}/{thing}', 'nobody', '404'],
    ['/v1/projections/{name}/{thing}', 'first?limit=1', '400'],
    ['/v1/projections', '', '200'],
    ['/v1/openapi.json', '', '200'],
    ['/v1/openapi/{projection}', '{name}', '200'],
    ['/v1/openapi/{projection}', 'nothing', '404'],
    ['/metrics', '', '200'],
    ['/health/live', '', '200'],
    ['/health/ready', '', '200'],
  ])('is true of %s%s: %s', async (template, rest, status) => {
    const fill = (text: string) => text.replace('{name}', name).replace('{topic}', topic.name);
    const path = fill(template);
    const asked = path.replace(/\{\w+\}$/, '') + fill(rest);
    const answer = await service.get(asked);
    expect([asked, String(answer.status)]).toEqual([asked, status]);
    const own = document.paths[path]?.['get']?.responses[status];
    const at = own?.$ref?.slice(2).split('/') ?? ['paths', path, 'get', 'responses', status];
    const described = own?.$ref === undefined ? own : document.components.responses[at[2] ?? ''];
    const mediaType = answer.headers.get('content-type')?.split(';')[0] ?? '';
    expect(Object.keys(described?.content ?? {})).toEqual([mediaType]);
    const value = mediaType.endsWith('json') ? answer.body : answer.text;
    expect(faults(value, [...at, 'content', mediaType, 'schema'])).toEqual([]);
    for (const header of ['etag', 'millrace-positions', 'retry-after']) {
      const names = Object.keys(described?.headers ?? {}).map((each) => each.toLowerCase());
      if (answer.headers.has(header) && status === '200') expect(names).toContain(header);
    }
  });

  it('shows rows by examples that are such rows', () => {
    const schema = document.components.schemas[`${name}.Row`];
    expect(schema?.examples).toHaveLength(1);
    expect(faults(schema?.examples?.[0], ['components', 'schemas', `${name}.Row`])).toEqual([]);
  });

  it('says the same of a projection alone', async () => {
    const alone = (await service.get(`/v1/openapi/${name}`)).body as unknown as Document;
    for (const path of [`/v1/projections/${name}`, `/v1/projections/${name}/{thing}`]) {
      expect(alone.paths[path]).toEqual(document.paths[path]);
    }
    expect(Object.keys(alone.paths)).toHaveLength(2);
  });
});
