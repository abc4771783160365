import test from 'ava';
import { z } from 'zod';
import { createSchemaComponents } from '../../../services/host/reference/schema-components.ts';

test('a named schema becomes one component, and responses stay open to new fields', (t) => {
  const { schemaOf, schemas } = createSchemaComponents();
  const card = z.object({ brand: z.string() }).meta({ id: 'Card' });
  t.deepEqual(schemaOf(z.object({ card, backup: card }), 'output'), {
    type: 'object',
    properties: { card: { $ref: '#/components/schemas/Card' }, backup: { $ref: '#/components/schemas/Card' } },
    required: ['card', 'backup'],
  });
  t.deepEqual(schemas, { Card: { type: 'object', properties: { brand: { type: 'string' } }, required: ['brand'] } });
});

test('a request stays closed, so that a misspelled field is refused by the document too', (t) => {
  const { schemaOf } = createSchemaComponents();
  t.like(schemaOf(z.strictObject({ brand: z.string() }), 'input'), { additionalProperties: false });
});

test('a name with different meanings in requests and responses becomes two components', (t) => {
  const { schemaOf, schemas } = createSchemaComponents();
  const policy = z.strictObject({ days: z.int().default(7) }).meta({ id: 'Policy' });
  t.deepEqual(schemaOf(policy, 'output'), { $ref: '#/components/schemas/Policy' });
  t.deepEqual(schemaOf(policy, 'input'), { $ref: '#/components/schemas/PolicyInput' });
  t.deepEqual(Object.keys(schemas), ['Policy', 'PolicyInput']);
});

test('a component that contains a renamed one is renamed too, and the responses keep their own', (t) => {
  const { schemaOf, schemas } = createSchemaComponents();
  const step = z.object({ days: z.int().default(7) }).meta({ id: 'Step' });
  const plan = z.object({ first: step }).meta({ id: 'Plan' });
  const offer = z.object({ plan }).meta({ id: 'Offer' });
  schemaOf(offer, 'output');
  const ofResponses = structuredClone(schemas);

  t.deepEqual(schemaOf(offer, 'input'), { $ref: '#/components/schemas/OfferInput' });
  t.like(schemas, ofResponses);
  t.like(schemas, {
    OfferInput: { properties: { plan: { $ref: '#/components/schemas/PlanInput' } } },
    PlanInput: { properties: { first: { $ref: '#/components/schemas/StepInput' } } },
    StepInput: { type: 'object' },
  });
});

test('a default that is an object is left out, and a property named default is not', (t) => {
  const { schemaOf } = createSchemaComponents();
  const rules = z.object({ limit: z.object({ hours: z.int() }).default({ hours: 24 }), default: z.boolean() });
  const { properties } = schemaOf(rules, 'input') as { properties: Record<string, object> };
  t.false('default' in (properties.limit as object));
  t.deepEqual(properties.default, { type: 'boolean' });
});
