import { type EventType, eventSchemas } from '../../shared/contracts/events.ts';
import { type MarqueeEvent, toCloudEvent } from '../../shared/events.ts';
import { exampleOf, merged } from './example.ts';
import { createSchemaComponents, type Json, type SchemaComponents } from './schema-components.ts';

/** A message of the document: one type of event. */
export type EventMessage = {
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  readonly contentType: string;
  readonly payload: Json;
  readonly examples: readonly [{ readonly name: string; readonly payload: Json }];
};

/** The AsyncAPI 3.0 document of all events, made from the schemas of their data. */
export function asyncApiDocument(version: string) {
  const components = createSchemaComponents();
  const types = Object.keys(eventSchemas).sort() as EventType[];
  const messages = Object.fromEntries(types.map((type) => [type, messageOf(type, components)]));
  const refs = (place: string) => types.map((type) => ({ $ref: `#/${place}/${type}` }));
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Marquee events',
      version,
      description:
        'Every event is a CloudEvent 1.0 in structured mode. Delivery is at least once: recognise repeats by id, and order the events of one subject by sequence.',
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/cloudevents+json',
    channels: {
      events: {
        address: 'events',
        description: 'The topic of all events.',
        messages: Object.fromEntries(types.map((type) => [type, { $ref: `#/components/messages/${type}` }])),
      },
    },
    operations: {
      publishEvents: {
        action: 'send',
        channel: { $ref: '#/channels/events' },
        summary: 'Marquee publishes its events.',
        messages: refs('channels/events/messages'),
      },
    },
    components: { messages, schemas: components.schemas },
  };
}

function messageOf(type: EventType, components: SchemaComponents): EventMessage {
  const { example = {}, ...data } = components.schemaOf(eventSchemas[type], 'output');
  const words = type.replace(/[.-]/g, ' ');
  return {
    name: type,
    title: `${words.charAt(0).toUpperCase()}${words.slice(1)}`,
    summary: String(data.description ?? ''),
    contentType: 'application/cloudevents+json',
    payload: envelopeOf(type, data),
    examples: [{ name: 'example', payload: exampleEvent(type, merged(exampleOf(data, components.schemas), example) as Json) }],
  };
}

const text = (description: string): Json => ({ type: 'string', description });
const instant = (description: string): Json => ({ type: 'string', format: 'date-time', description });

/** The schema of what `toCloudEvent` builds. */
const envelopeOf = (type: string, data: Json): Json => ({
  type: 'object',
  required: 'specversion id type source subject time datacontenttype dataschema sequence customerid publishedat data'.split(' '),
  properties: {
    specversion: { const: '1.0' },
    id: text('Subject and sequence, the same in each repeat'),
    type: { const: type },
    source: { const: `/marquee/${type.slice(0, type.indexOf('.'))}` },
    subject: text('The id of the resource'),
    time: instant('When it happened; the time of the test clock for what lives on one'),
    datacontenttype: { const: 'application/json' },
    dataschema: { const: `urn:marquee:events:${type}:1` },
    sequence: { type: 'string', pattern: '^[0-9]+$', description: 'Number of the event among those of its subject' },
    customerid: text('The customer; empty where there is none'),
    publishedat: instant('When it was published, by the clock of the system'),
    testclock: text('The test clock, absent where there is none'),
    traceparent: text('W3C trace context of the cause'),
    data,
  },
});

function exampleEvent(type: EventType, data: Json): Json {
  const resource = [data, data.subscription, data.gift, data.testClock].map((part) => (part ?? {}) as Json).find(({ id }) => id);
  const subject = String(resource?.id ?? `${type.slice(0, type.indexOf('.'))}_1`);
  const customerId = String(resource?.customerId ?? data.customerId ?? '');
  const time = '2026-01-31T10:00:00.000Z';
  const event = { id: `${subject}:1`, type, subject, sequence: 1, time, customerId, testClock: null, data };
  return toCloudEvent(event as MarqueeEvent, time, undefined);
}
