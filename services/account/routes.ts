import { customerSchema } from '../shared/contracts/customer-resource.ts';
import { pageSchema } from '../shared/list.ts';
import { isProblem } from '../shared/problem.ts';
import { created, noContent, ok, type Route, route } from '../shared/route.ts';
import { eraseCustomer, updateCustomer } from './account.ts';
import { customerPatch, customerQuery, newCustomer, preferencesPatch } from './bodies.ts';
import type { Customers } from './customers.ts';
import type { AccountStore } from './store.ts';

const path = '/v1/customers/:id';

/**
 * `forget` removes what else is remembered of an erased customer. A crash before it is made good by
 * a repeat of the erasure.
 */
export const customerRoutes = (customers: Customers, store: AccountStore, forget: (id: string) => Promise<void>): readonly Route[] => [
  route({
    method: 'post',
    path: '/v1/customers',
    scope: 'customers:write',
    operationId: 'createCustomer',
    summary: 'Create a customer',
    description:
      'Creates a customer with the id of the body, or with a new id. The same body again returns the existing customer with the status 200. ' +
      'Another body with an existing id is refused.',
    body: newCustomer,
    responses: { 200: customerSchema, 201: customerSchema },
    problems: ['already-exists', 'customer-busy', 'test-clock-unknown', 'test-clocks-off'],
    handle: async ({ body }) => {
      const outcome = await customers.create(body);
      if (isProblem(outcome)) return outcome;
      return outcome.isNew ? created(outcome.account.customer) : ok(outcome.account.customer);
    },
  }),
  route({
    method: 'get',
    path: '/v1/customers',
    scope: 'customers:read',
    operationId: 'listCustomers',
    summary: 'List customers',
    description: 'Lists customers, newest first, including erased ones.',
    query: customerQuery,
    responses: { 200: pageSchema(customerSchema) },
    handle: async ({ query: { email, testClock, ...page } }) => {
      const { data, nextCursor } = await store.page({ email, testClock }, page);
      return ok({ data: data.map(({ customer }) => customer), nextCursor });
    },
  }),
  route({
    method: 'get',
    path,
    scope: 'customers:read',
    operationId: 'retrieveCustomer',
    summary: 'Retrieve a customer',
    description: 'Returns a customer. The ETag header identifies this version for If-Match of an update.',
    responses: { 200: customerSchema },
    problems: ['customer-not-found'],
    etag: true,
    handle: async ({ params: { id = '' } }) => {
      const account = await customers.find(id);
      return isProblem(account) ? account : ok(account.customer);
    },
  }),
  route({
    method: 'patch',
    path,
    scope: 'customers:write',
    operationId: 'updateCustomer',
    summary: 'Update a customer',
    description:
      'Changes the fields of the body and no others. With If-Match, the update is refused if the customer has changed since that version. ' +
      'A repeat changes nothing. Erased customers cannot be updated.',
    body: customerPatch,
    responses: { 200: customerSchema },
    problems: ['customer-busy', 'customer-erased', 'customer-not-found', 'test-clock-unknown'],
    etag: true,
    ifMatch: true,
    handle: async ({ params: { id = '' }, body, headers }) => {
      const account = await customers.change(id, (before) => updateCustomer(before, body), headers['if-match']);
      return isProblem(account) ? account : ok(account.customer);
    },
  }),
  route({
    method: 'put',
    path: `${path}/preferences`,
    scope: 'customers:write',
    operationId: 'updateCustomerPreferences',
    summary: 'Update message preferences',
    description:
      'Sets whether the customer accepts messages by e-mail and by SMS; a channel that the body omits keeps its setting. ' +
      'Receipts, failed payments and endings are sent by e-mail in any case.',
    body: preferencesPatch,
    responses: { 200: customerSchema.shape.preferences },
    problems: ['customer-busy', 'customer-erased', 'customer-not-found', 'test-clock-unknown'],
    handle: async ({ params: { id = '' }, body }) => {
      const account = await customers.change(id, (before) => {
        const { email = before.customer.preferences.email, sms = before.customer.preferences.sms } = body;
        return updateCustomer(before, { preferences: { email, sms } });
      });
      return isProblem(account) ? account : ok(account.customer.preferences);
    },
  }),
  route({
    method: 'delete',
    path,
    scope: 'customers:write',
    operationId: 'eraseCustomer',
    summary: 'Delete personal data of a customer',
    description:
      'Permanently erases e-mail address, name, telephone number, address, year of birth, household and profiles. ' +
      'The id, country, currency, time zone, VAT id and payment methods are kept for bookkeeping. A repeat changes nothing.',
    responses: { 204: 'empty' },
    problems: ['customer-busy', 'customer-not-found', 'test-clock-unknown'],
    handle: async ({ params: { id = '' } }) => {
      const account = await customers.change(id, eraseCustomer);
      if (isProblem(account)) return account;
      await forget(id);
      return noContent();
    },
  }),
];
