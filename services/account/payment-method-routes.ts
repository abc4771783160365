import { z } from 'zod';
import type { PaymentMethodResource } from '../shared/contracts/customer-resource.ts';
import { newId } from '../shared/new-id.ts';
import { isProblem } from '../shared/problem.ts';
import { created, noContent, ok, type Route, route } from '../shared/route.ts';
import { type Account, addPaymentMethod, removePaymentMethod, updateCard } from './account.ts';
import { cardNews, newPaymentMethod, paymentMethodPatch, setUpBody } from './bodies.ts';
import { paymentMethodAnswer, shown } from './customer-resource.ts';
import type { Customers } from './customers.ts';
import type { MethodChecks } from './method-checks.ts';
import type { MethodAdmission } from './method-risk.ts';

const path = '/v1/customers/:id/payment-methods';

export const paymentMethodRoutes = (
  customers: Customers,
  { setUp }: Pick<MethodChecks, 'setUp'>,
  admit: MethodAdmission,
): readonly Route[] => [
  route({
    method: 'post',
    path: `${path}/setup`,
    scope: 'customers:write',
    summary: 'Begin to keep a payment method: the app goes on with the client secret, and its token is added afterwards',
    body: setUpBody,
    answer: z.object({ setupIntentId: z.string(), clientSecret: z.string() }),
    secretAnswer: true,
    handle: async ({ params: { id = '' }, body: { gateway } }) => {
      const account = await customers.find(id);
      if (isProblem(account)) return account;
      const answer = await setUp(account.customer, gateway);
      return isProblem(answer) ? answer : created(answer);
    },
  }),
  route({
    method: 'post',
    path,
    scope: 'customers:write',
    summary: 'Add a payment method; the first one, or one with default: true, is tried first',
    body: newPaymentMethod,
    answer: paymentMethodAnswer,
    handle: async ({ params: { id = '' }, body }) => {
      const known = await customers.find(id);
      if (isProblem(known)) return known;
      const offered = { ...body, id: body.id ?? newId('pm') };
      const checked = await admit(known, offered);
      if (isProblem(checked)) return checked;
      const method = { ...offered, ...checked };
      const find = (account: Account) => account.paymentMethods.find((other) => other.id === method.id);
      let isNew = true;
      const account = await customers.change(id, (before, now) => {
        isNew = find(before) === undefined;
        return addPaymentMethod(before, method, now);
      });
      if (isProblem(account)) return account;
      const answer = shown(find(account) as PaymentMethodResource);
      return isNew ? created(answer) : ok(answer);
    },
  }),
  route({
    method: 'get',
    path,
    scope: 'customers:read',
    summary: 'The payment methods of a customer, in the order they are tried',
    answer: z.object({ data: z.array(paymentMethodAnswer), nextCursor: z.null() }),
    handle: async ({ params: { id = '' } }) => {
      const account = await customers.find(id);
      return isProblem(account) ? account : ok({ data: account.paymentMethods.map(shown), nextCursor: null });
    },
  }),
  route({
    method: 'patch',
    path: `${path}/:paymentMethodId`,
    scope: 'customers:write',
    summary: 'Say what is new of a card, such as its expiry after an update by the bank; a failed payment is then tried again at once',
    body: paymentMethodPatch,
    answer: paymentMethodAnswer,
    handle: async ({ params: { id = '', paymentMethodId = '' }, body: { card } }) => {
      const account = await customers.change(id, (before) => updateCard(before, paymentMethodId, card));
      if (isProblem(account)) return account;
      return ok(shown(account.paymentMethods.find((method) => method.id === paymentMethodId) as PaymentMethodResource));
    },
  }),
  route({
    method: 'delete',
    path: `${path}/:paymentMethodId`,
    scope: 'customers:write',
    summary: 'Remove a payment method',
    handle: async ({ params: { id = '', paymentMethodId = '' } }) => {
      const account = await customers.change(id, (before) => removePaymentMethod(before, paymentMethodId));
      return isProblem(account) ? account : noContent();
    },
  }),
];

/** For payment: what a card of a customer is by now. Nothing where it is theirs no more. */
export const cardNewsRoute = (customers: Customers): Route =>
  route({
    method: 'post',
    path: '/customers/:id/cards',
    scope: 'public',
    summary: 'What is new of a card that its bank renewed, by its token at its gateway',
    body: cardNews,
    handle: async ({ params: { id = '' }, body: { gateway, token, card } }) => {
      const account = await customers.find(id);
      if (isProblem(account)) return account;
      const known = account.paymentMethods.find((method) => method.gateway === gateway && method.token === token);
      if (known === undefined) return ok({ updated: false });
      const after = await customers.change(id, (before) => updateCard(before, known.id, card));
      return isProblem(after) ? after : ok({ updated: true });
    },
  });
