import { z } from 'zod';
import { isProblem } from '../shared/problem.ts';
import { ok, type Route, route } from '../shared/route.ts';
import type { Platform } from '../shared/service.ts';
import { updateCard } from './account.ts';
import { cardUpdate, linkBody } from './bodies.ts';
import type { Customers } from './customers.ts';
import type { CardLinks, LinkRequest } from './update-card/links.ts';
import { linkFor } from './update-card/routes.ts';

const serviceLinkBody = linkBody.extend({ from: z.iso.datetime() });

/** The routes by which other services read customers and update their cards, through Dapr. */
export const internalRoutes = (customers: Customers, links: CardLinks, { config }: Platform): readonly Route[] => [
  route({
    method: 'get',
    path: '/customers/:id',
    scope: 'public',
    summary: 'Retrieve a customer with payment methods',
    description: 'The payment methods include their tokens.',
    handle: async ({ params: { id = '' } }) => {
      const account = await customers.find(id);
      return isProblem(account) ? account : ok({ customer: account.customer, paymentMethods: account.paymentMethods });
    },
  }),
  route({
    method: 'post',
    path: '/customers/:id/cards',
    scope: 'public',
    summary: 'Update a card after a bank renewal',
    description: '`updated` is false when the customer no longer has the card.',
    body: cardUpdate,
    handle: async ({ params: { id = '' }, body: { gateway, token, card } }) => {
      const account = await customers.find(id);
      if (isProblem(account)) return account;
      const known = account.paymentMethods.find((method) => method.gateway === gateway && method.token === token);
      if (known === undefined) return ok({ updated: false });
      const after = await customers.change(id, (before) => updateCard(before, known.id, card));
      return isProblem(after) ? after : ok({ updated: true });
    },
  }),
  route<LinkRequest>({
    method: 'post',
    path: '/customers/:id/payment-method-links',
    scope: 'public',
    summary: 'Create a link to update a card',
    description: 'The link is for a message to the customer. It expires `ttlHours` after `from`.',
    body: serviceLinkBody,
    handle: ({ params: { id = '' }, body }) => linkFor(links, config, id, body),
  }),
];
