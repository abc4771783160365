import { z } from 'zod';
import { type PaymentMethodResource, paymentMethodSchema } from '../shared/contracts/customer-resource.ts';
import { newId } from '../shared/new-id.ts';
import { isProblem, notFound } from '../shared/problem.ts';
import { created, noContent, ok, type Route, route } from '../shared/route.ts';
import { type Account, addPaymentMethod, removePaymentMethod, updateCard } from './account.ts';
import { newPaymentMethod, paymentMethodPatch, setupBody } from './bodies.ts';
import type { Customers } from './customers.ts';
import type { MethodChecks } from './method-checks.ts';
import type { MethodAdmission } from './method-risk.ts';
import { paymentMethodResource } from './payment-method-resource.ts';

const path = '/v1/customers/:id/payment-methods';

const setupIntent = z
  .object({
    setupIntentId: z.string().meta({ examples: ['seti_1'] }),
    clientSecret: z.string().meta({ description: 'For the SDK of the gateway in the app' }),
  })
  .meta({ id: 'SetupIntent', description: 'The start of storing a payment method at its gateway' });

export const paymentMethodRoutes = (
  customers: Customers,
  { setUp }: Pick<MethodChecks, 'setUp'>,
  admit: MethodAdmission,
): readonly Route[] => [
  route({
    method: 'post',
    path: `${path}/setup`,
    scope: 'customers:write',
    operationId: 'createSetupIntent',
    summary: 'Create a setup intent',
    description:
      'Starts storing a payment method at the gateway. The app confirms it with the client secret, then adds the payment method by its token. ' +
      'Without a gateway, the one that payments of the customer go to is used.',
    body: setupBody,
    responses: { 201: setupIntent },
    problems: ['customer-not-found', 'gateway-off', 'gateway-unavailable'],
    secretAnswer: true,
    handle: async ({ params: { id = '' }, body: { gateway } }) => {
      const account = await customers.find(id);
      if (isProblem(account)) return account;
      const intent = await setUp(account.customer, gateway);
      return isProblem(intent) ? intent : created(intent);
    },
  }),
  route({
    method: 'post',
    path,
    scope: 'customers:write',
    operationId: 'addPaymentMethod',
    summary: 'Add a payment method',
    description:
      'Adds a payment method after a risk check and a check at its gateway. The first method, or one with default: true, is charged first. ' +
      'The same id and token again return the existing method with the status 200.',
    body: newPaymentMethod,
    responses: { 200: paymentMethodSchema, 201: paymentMethodSchema },
    problems: [
      'already-exists',
      'country-blocked',
      'country-mismatch',
      'customer-busy',
      'customer-erased',
      'customer-not-found',
      'gateway-off',
      'gateway-unavailable',
      'payment-method-detached',
      'payment-method-of-another-customer',
      'payment-method-refused',
      'payment-method-unknown',
      'risk-refused',
      'test-clock-unknown',
      'too-many-payment-methods',
    ],
    handle: async ({ params: { id = '' }, body }) => {
      const known = await customers.find(id);
      if (isProblem(known)) return known;
      const offered = { ...body, id: body.id ?? newId('pm') };
      const checked = await admit(known, offered);
      if (isProblem(checked)) return checked;
      const method = { ...offered, ...checked };
      let isNew = true;
      const account = await customers.change(id, (before, now) => {
        isNew = methodOf(before, method.id) === undefined;
        return addPaymentMethod(before, method, now);
      });
      if (isProblem(account)) return account;
      const resource = paymentMethodResource(methodOf(account, method.id) as PaymentMethodResource);
      return isNew ? created(resource) : ok(resource);
    },
  }),
  route({
    method: 'get',
    path,
    scope: 'customers:read',
    operationId: 'listPaymentMethods',
    summary: 'List payment methods of a customer',
    description: 'Lists all payment methods of a customer in the order in which they are charged, the default first.',
    responses: { 200: z.object({ data: z.array(paymentMethodSchema), nextCursor: z.null() }) },
    problems: ['customer-not-found'],
    handle: async ({ params: { id = '' } }) => {
      const account = await customers.find(id);
      return isProblem(account) ? account : ok({ data: account.paymentMethods.map(paymentMethodResource), nextCursor: null });
    },
  }),
  route({
    method: 'patch',
    path: `${path}/:paymentMethodId`,
    scope: 'customers:write',
    operationId: 'updatePaymentMethod',
    summary: 'Update the card of a payment method',
    description:
      'Updates details of a card, such as its expiry after a renewal by the bank. A failed payment is then retried immediately. ' +
      'A repeat changes nothing.',
    body: paymentMethodPatch,
    responses: { 200: paymentMethodSchema },
    problems: [
      'customer-busy',
      'customer-erased',
      'customer-not-found',
      'payment-method-not-found',
      'payment-method-without-card',
      'test-clock-unknown',
    ],
    handle: async ({ params: { id = '', paymentMethodId = '' }, body: { card } }) => {
      const account = await customers.change(id, (before) => updateCard(before, paymentMethodId, card));
      if (isProblem(account)) return account;
      const method = methodOf(account, paymentMethodId);
      return method ? ok(paymentMethodResource(method)) : notFound('payment-method', paymentMethodId);
    },
  }),
  route({
    method: 'delete',
    path: `${path}/:paymentMethodId`,
    scope: 'customers:write',
    operationId: 'removePaymentMethod',
    summary: 'Remove a payment method',
    description: 'Removes a payment method. After the default is removed, the next method in order becomes the default.',
    responses: { 204: 'empty' },
    problems: ['customer-busy', 'customer-not-found', 'payment-method-not-found', 'test-clock-unknown'],
    handle: async ({ params: { id = '', paymentMethodId = '' } }) => {
      const account = await customers.change(id, (before) => removePaymentMethod(before, paymentMethodId));
      return isProblem(account) ? account : noContent();
    },
  }),
];

const methodOf = ({ paymentMethods }: Account, id: string): PaymentMethodResource | undefined =>
  paymentMethods.find((method) => method.id === id);
