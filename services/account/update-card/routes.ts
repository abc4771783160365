import { z } from 'zod';
import { paymentMethodSchema } from '../../shared/contracts/customer-resource.ts';
import { utcInstant } from '../../shared/fields.ts';
import { isProblem, type Problem } from '../../shared/problem.ts';
import { created, ok, type Route, type RouteRequest, type RouteResponse, route } from '../../shared/route.ts';
import type { Platform } from '../../shared/service.ts';
import { linkBody, newPaymentMethod } from '../bodies.ts';
import type { MethodChecks } from '../method-checks.ts';
import { paymentMethodResource } from '../payment-method-resource.ts';
import { hostedRoutes } from './hosted-routes.ts';
import { linkToken } from './link.ts';
import type { CardLinks, LinkRequest } from './links.ts';
import { createPageResponses } from './page-responses.ts';

const path = '/v1/update-card/:token';

const cardLink = z
  .object({ url: z.string().meta({ format: 'uri' }), expiresAt: utcInstant })
  .meta({ id: 'CardLink', description: 'A link to the page where a customer enters a new card' });

const cardBody = z.strictObject({ token: newPaymentMethod.shape.token }).meta({ id: 'UseCardLink' });

type Headers = RouteRequest<unknown, unknown>['headers'];

/** Links to the page where a customer enters a new card, and that page. */
export const cardLinkRoutes = (links: CardLinks, checks: MethodChecks, platform: Platform): readonly Route[] => {
  const pages = createPageResponses(links);
  return [
    route<LinkRequest>({
      method: 'post',
      path: '/v1/customers/:id/payment-method-links',
      scope: 'customers:write',
      operationId: 'createCardLink',
      summary: 'Create a link to update a card',
      description:
        'Creates a link by which the customer enters a new card once, without signing in. It expires after 7 days unless ttlHours is given. ' +
        'Each request creates another link.',
      body: linkBody.prefault({}),
      responses: { 201: cardLink },
      problems: ['customer-erased', 'customer-not-found'],
      secretAnswer: true,
      handle: ({ params: { id = '' }, body }) => linkFor(links, platform.config, id, body),
    }),
    ...hostedRoutes(links, checks, pages, platform),
    route({
      method: 'get',
      path,
      scope: 'public',
      operationId: 'showCardPage',
      summary: 'Show the page to update a card',
      description:
        'Returns the page behind a link, in the language of the customer. A browser also gets a page when the link is expired or used.',
      params: { token: linkToken },
      problemPages: true,
      responses: { 200: { media: { 'text/html': 'text' } } },
      problems: ['card-link-expired', 'card-link-not-found', 'card-link-used'],
      handle: async ({ params: { token = '' }, headers }) => {
        const found = await links.open(token);
        if (!isProblem(found)) return pages.formOf(found, token);
        return wantsPage(headers) ? pages.notice(token, headers, found) : found;
      },
    }),
    route<z.infer<typeof cardBody>>({
      method: 'post',
      path,
      scope: 'public',
      operationId: 'useCardLink',
      summary: 'Update a card by a link',
      description:
        'Adds the card with this token and makes it the default. An unpaid invoice is then retried immediately. ' +
        'The same token again returns the same payment method; another token is refused. A form gets a page, JSON gets JSON.',
      params: { token: linkToken },
      problemPages: true,
      body: cardBody,
      bodyFormat: 'form-or-json',
      responses: { 200: { media: { 'application/json': paymentMethodSchema, 'text/html': 'text' } } },
      problems: [
        'already-exists',
        'card-link-expired',
        'card-link-not-found',
        'card-link-used',
        'country-blocked',
        'country-mismatch',
        'customer-busy',
        'customer-erased',
        'gateway-off',
        'gateway-unavailable',
        'media-type-unsupported',
        'payment-method-detached',
        'payment-method-of-another-customer',
        'payment-method-refused',
        'payment-method-unknown',
        'risk-refused',
        'test-clock-unknown',
        'too-many-payment-methods',
      ],
      secretAnswer: true,
      handle: async ({ params: { token = '' }, body, headers }) => {
        const added = await links.use(token, body.token);
        if (!isForm(headers)) return isProblem(added) ? added : ok(paymentMethodResource(added));
        if (!isProblem(added)) return pages.done(token, headers, added.card);
        return pages.refusal(token, headers, added);
      },
    }),
  ];
};

/** A new link with its address; a problem where the customer cannot have one. */
export async function linkFor(
  links: CardLinks,
  { publicUrl }: Platform['config'],
  customerId: string,
  request: LinkRequest,
): Promise<RouteResponse | Problem> {
  const link = await links.create(customerId, request);
  if (isProblem(link)) return link;
  return created({ url: `${publicUrl}${path.replace(':token', link.token)}`, expiresAt: link.expiresAt });
}

const wantsPage = ({ accept = '' }: Headers): boolean => String(accept).includes('text/html');

const isForm = (headers: Headers): boolean => String(headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded');
