import { z } from 'zod';
import { isProblem } from '../shared/problem.ts';
import { created, noContent, ok, type Route, route } from '../shared/route.ts';
import { eraseCustomer, updateCustomer } from './account.ts';
import { customerPatch, customerQuery, newCustomer, preferencesPatch } from './bodies.ts';
import { customerAnswer } from './customer-resource.ts';
import type { Customers } from './customers.ts';
import type { AccountStore } from './store.ts';

const path = '/v1/customers/:id';

export const customerRoutes = (customers: Customers, store: AccountStore): readonly Route[] => [
  route({
    method: 'post',
    path: '/v1/customers',
    scope: 'customers:write',
    summary: 'Create a customer; the same body again answers the same one',
    body: newCustomer,
    answer: customerAnswer,
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
    summary: 'List customers, newest first',
    query: customerQuery,
    answer: z.object({ data: z.array(customerAnswer), nextCursor: z.string().nullable() }),
    handle: async ({ query: { email, testClock, ...page } }) => {
      const { data, nextCursor } = await store.page({ email, testClock }, page);
      return ok({ data: data.map(({ customer }) => customer), nextCursor });
    },
  }),
  route({
    method: 'get',
    path,
    scope: 'customers:read',
    summary: 'A customer',
    answer: customerAnswer,
    handle: async ({ params: { id = '' } }) => {
      const account = await customers.find(id);
      return isProblem(account) ? account : ok(account.customer);
    },
  }),
  route({
    method: 'patch',
    path,
    scope: 'customers:write',
    summary: 'Change the fields that the body names',
    body: customerPatch,
    answer: customerAnswer,
    handle: async ({ params: { id = '' }, body }) => {
      const account = await customers.change(id, (before) => updateCustomer(before, body));
      return isProblem(account) ? account : ok(account.customer);
    },
  }),
  route({
    method: 'put',
    path: `${path}/preferences`,
    scope: 'customers:write',
    summary: 'Say by which channels the customer wants to hear',
    body: preferencesPatch,
    answer: customerAnswer.shape.preferences,
    handle: async ({ params: { id = '' }, body }) => {
      const account = await customers.change(id, (before) =>
        updateCustomer(before, { preferences: { ...before.customer.preferences, ...body } as typeof before.customer.preferences }),
      );
      return isProblem(account) ? account : ok(account.customer.preferences);
    },
  }),
  route({
    method: 'delete',
    path,
    scope: 'customers:write',
    summary: 'Erase personal data; what bookkeeping needs stays',
    handle: async ({ params: { id = '' } }) => {
      const account = await customers.change(id, eraseCustomer);
      return isProblem(account) ? account : noContent();
    },
  }),
];

/** For the other services: a customer with payment methods, tokens included; 404 for an unknown one. */
export const accountRoute = (customers: Customers): Route =>
  route({
    method: 'get',
    path: '/customers/:id',
    scope: 'public',
    summary: 'A customer and how they pay',
    handle: async ({ params: { id = '' } }) => {
      const account = await customers.find(id);
      return isProblem(account) ? account : ok({ customer: account.customer, paymentMethods: account.paymentMethods });
    },
  });
