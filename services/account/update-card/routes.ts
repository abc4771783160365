import { z } from 'zod';
import { isId } from '../../shared/ids.ts';
import { isProblem, type Problem } from '../../shared/problem.ts';
import { created, ok, type Route, type RouteRequest, type RouteResponse, route } from '../../shared/route.ts';
import type { Platform } from '../../shared/service.ts';
import { newPaymentMethod } from '../bodies.ts';
import { paymentMethodAnswer, shown } from '../customer-resource.ts';
import type { MethodChecks } from '../method-checks.ts';
import { hostedRoutes } from './hosted-routes.ts';
import type { CardLinks, LinkWish } from './links.ts';
import { createPageAnswers } from './page-responses.ts';

const path = '/v1/update-card/:token';

const wish = z.strictObject({
  invoiceId: z
    .string()
    .refine((id) => isId('inv', id), 'the id of an invoice')
    .optional(),
  gateway: newPaymentMethod.shape.gateway.optional(),
  ttlHours: z.int().min(1).max(720).default(168),
});

const linkBody = wish.prefault({});

const linkQuestion = wish.extend({ from: z.iso.datetime() });

const cardBody = z.strictObject({ token: newPaymentMethod.shape.token });

type Headers = RouteRequest<unknown, unknown>['headers'];

/** Links to the page where a customer gives a new card, and that page. */
export const cardLinkRoutes = (links: CardLinks, checks: MethodChecks, platform: Platform): readonly Route[] => {
  const pages = createPageAnswers(links);
  return [
    route<LinkWish>({
      method: 'post',
      path: '/v1/customers/:id/payment-method-links',
      scope: 'customers:write',
      summary: 'A link by which the customer gives a new card, once, without signing in; it lasts 7 days unless said',
      body: linkBody,
      answer: z.object({ url: z.string(), expiresAt: z.string() }),
      secretAnswer: true,
      handle: ({ params: { id = '' }, body }) => linkFor(links, platform.config, id, body),
    }),
    ...hostedRoutes(links, checks, pages, platform),
    route({
      method: 'get',
      path,
      scope: 'public',
      summary: 'The page behind such a link, in the language of the customer',
      handle: async ({ params: { token = '' }, headers }) => {
        const found = await links.open(token);
        if (!isProblem(found)) return pages.formOf(found, token);
        return wantsPage(headers) ? pages.noticed(token, headers, found) : found;
      },
    }),
    route<z.infer<typeof cardBody>>({
      method: 'post',
      path,
      scope: 'public',
      summary: 'Give the new card by the token of its gateway: it becomes the default, and what is owed is tried again at once',
      body: cardBody,
      bodyFormat: 'form-or-json',
      answer: paymentMethodAnswer,
      secretAnswer: true,
      handle: async ({ params: { token = '' }, body, headers }) => {
        const added = await links.use(token, body.token);
        if (!isForm(headers)) return isProblem(added) ? added : ok(shown(added));
        if (!isProblem(added)) return pages.done(token, headers, added.card);
        return added.status === 404 || added.status === 410 ? pages.noticed(token, headers, added) : pages.again(token, headers, added);
      },
    }),
  ];
};

/** For the other services: a link to send to a customer; 404 for an unknown one. */
export const cardLinkRoute = (links: CardLinks, { config }: Platform): Route =>
  route<LinkWish>({
    method: 'post',
    path: '/customers/:id/payment-method-links',
    scope: 'public',
    summary: 'A link by which a customer gives a new card',
    body: linkQuestion,
    handle: ({ params: { id = '' }, body }) => linkFor(links, config, id, body),
  });

async function linkFor(
  links: CardLinks,
  { publicUrl }: Platform['config'],
  customerId: string,
  wish: LinkWish,
): Promise<RouteResponse | Problem> {
  const made = await links.create(customerId, wish);
  if (isProblem(made)) return made;
  return created({ url: `${publicUrl}${path.replace(':token', made.token)}`, expiresAt: made.expiresAt });
}

const wantsPage = ({ accept = '' }: Headers): boolean => String(accept).includes('text/html');

const isForm = (headers: Headers): boolean => String(headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded');
