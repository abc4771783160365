import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import test from 'ava';
import { z } from 'zod';
import { asyncApiDocument } from '../../../services/host/reference/asyncapi.ts';
import { eventsPage } from '../../../services/host/reference/events-page.ts';
import { createSchemaComponents } from '../../../services/host/reference/schema-components.ts';
import { type EventType, eventSchemas, type NounOf } from '../../../services/shared/contracts/events.ts';

const project = join(import.meta.dirname, '..', '..', '..');
const published = (file: string) => JSON.parse(readFileSync(join(project, 'tests', 'data', file), 'utf8'));
const document = JSON.parse(JSON.stringify(asyncApiDocument('1.0.0'))) as ReturnType<typeof asyncApiDocument>;
const messages = Object.values(document.components.messages);

const draft07 = new Ajv({ strict: false, code: { optimize: false } });
formats.default(draft07);
const draft2020 = new Ajv2020({ strict: false, code: { optimize: false } });
formats.default(draft2020);
draft2020.addSchema({ $id: 'https://marquee.test/document', components: document.components });

test('the document is valid by the schema of AsyncAPI 3.0.0', (t) => {
  const { $schema: _, ...schema } = published('asyncapi/schema-3.0.0.json');
  const isValid = draft07.compile(schema);
  t.true(isValid(document), JSON.stringify(isValid.errors?.slice(0, 5)));
});

test('each example fits the schema of its payload and the schema of CloudEvents 1.0', (t) => {
  const isCloudEvent = draft07.compile(published('cloudevents/cloudevents-1.0.json'));
  for (const { name, examples } of messages) {
    const [{ payload }] = examples;
    const fits = draft2020.compile({ $ref: `https://marquee.test/document#/components/messages/${name}/payload` });
    t.true(fits(payload), `${name}: ${JSON.stringify(fits.errors)}`);
    t.true(isCloudEvent(payload), `${name}: ${JSON.stringify(isCloudEvent.errors)}`);
    t.true(eventSchemas[name as keyof typeof eventSchemas].safeParse(payload.data).success, name);
  }
});

test('every type of event, and nothing else, is a message of the channel and of the page', (t) => {
  const types = Object.keys(eventSchemas).sort();
  const page = eventsPage(messages);
  t.deepEqual(Object.keys(document.components.messages), types);
  t.deepEqual(Object.keys(document.channels.events.messages), types);
  t.true(messages.every(({ name, summary }) => summary.endsWith('.') && page.includes(`id="${name}"`)));
});

/** The folder whose code publishes the events of a noun. */
const publishers: Readonly<Record<NounOf<EventType>, string>> = {
  customer: 'services/account',
  subscription: 'actors/subscription',
  'test-clock': 'actors/test-clock',
  invoice: 'services/invoicing',
  'credit-note': 'services/invoicing',
  payment: 'services/payment',
  refund: 'services/payment',
  dispute: 'services/payment',
  'payment-routing': 'services/payment',
  reconciliation: 'services/payment',
  gift: 'services/subscription/gifts',
  dunning: 'services/dunning',
  user: 'services/auth',
  'api-key': 'services/auth',
  client: 'services/auth',
};

/** The code of a folder without the types that its reactions receive. */
const codeIn = (folder: string): string =>
  globSync(`${folder}/**/*.ts`, { cwd: project })
    .map((file) => readFileSync(join(project, file), 'utf8').replaceAll(/reaction\(\s*\[[^\]]*\]/g, ''))
    .join('\n');

/** Whether the code names the type, or makes it by a template from a word that the code names. */
function publishes(code: string, type: string): boolean {
  const templates = [...code.matchAll(/`([a-z-]+\.[a-z-]*|\$\{[\w.]+\}\.)\$\{[\w.]+\}` as const/g)].map(([, start = '']) => start);
  const word = (start: string) => type.slice(start.startsWith('$') ? type.indexOf('.') + 1 : start.length);
  const isMade = (start: string) => (start.startsWith('$') || type.startsWith(start)) && code.includes(`'${word(start)}'`);
  return code.includes(`'${type}'`) || templates.some(isMade);
}

test('every type of event of the contract is published by the code of its noun', (t) => {
  const nouns = Object.entries(publishers).map(([noun, folder]) => [noun, codeIn(folder)] as const);
  const missing = nouns.flatMap(([noun, code]) =>
    Object.keys(eventSchemas).filter((type) => type.startsWith(`${noun}.`) && !publishes(code, type)),
  );
  t.deepEqual(missing, []);
  t.true(nouns.every(([noun, code]) => !publishes(code, `${noun}.never-published`)));
});

test('a name of two different schemas of one direction is refused', (t) => {
  const { schemaOf } = createSchemaComponents();
  const named = (field: string) => z.object({ part: z.object({ [field]: z.string() }).meta({ id: 'Part' }) });
  schemaOf(named('one'), 'output');
  t.throws(() => schemaOf(named('two'), 'output'), { message: /are named Part/ });
});
