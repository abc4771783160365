import { z } from 'zod';
import { isProblem, unavailable } from '../../shared/problem.ts';
import { type Route, route } from '../../shared/route.ts';
import type { Platform } from '../../shared/service.ts';
import type { MethodChecks } from '../method-checks.ts';
import { linkToken } from './link.ts';
import type { CardLinks } from './links.ts';
import type { PageResponses } from './page-responses.ts';

const gatewayUnavailable = unavailable('gateway-unavailable', 'The payment gateway is temporarily unavailable.');

/** The redirect to the gateway's page, where the card is entered, and the return from it. */
export const hostedRoutes = (
  links: CardLinks,
  { hostedPage, hostedMethod }: MethodChecks,
  pages: PageResponses,
  { config }: Platform,
): readonly Route[] => [
  route({
    method: 'post',
    path: '/v1/update-card/:token/hosted',
    scope: 'public',
    operationId: 'openHostedCardPage',
    summary: 'Open the page of the gateway',
    description:
      "Redirects the browser to the gateway's own page for a new card. A page with the reason is returned if the link or the gateway cannot be used.",
    params: { token: linkToken },
    problemPages: true,
    responses: { 303: 'empty' },
    problems: ['card-link-expired', 'card-link-not-found', 'card-link-used', 'gateway-unavailable'],
    handle: async ({ params: { token = '' }, headers }) => {
      const found = await links.open(token);
      if (isProblem(found)) return pages.notice(token, headers, found);
      const back = `${config.publicUrl}/v1/update-card/${token}`;
      const page = { gateway: found.link.gateway, returnUrl: `${back}/return`, cancelUrl: back };
      const url = await hostedPage(found.account.customer, page);
      return url === null
        ? pages.formOf(found, token, gatewayUnavailable)
        : { status: 303, headers: { location: url, 'cache-control': 'no-store' } };
    },
  }),
  route<undefined, { session: string }>({
    method: 'get',
    path: '/v1/update-card/:token/return',
    scope: 'public',
    operationId: 'returnFromHostedCardPage',
    summary: 'Return from the page of the gateway',
    description:
      "Adds the card that the customer entered on the gateway's own page and makes it the default. A repeat returns the same page.",
    params: { token: linkToken },
    problemPages: true,
    responses: { 200: { media: { 'text/html': 'text' } } },
    problems: ['card-link-expired', 'card-link-not-found', 'card-link-used', 'gateway-unavailable'],
    query: z.strictObject({ session: z.string().min(1).max(255) }),
    handle: async ({ params: { token = '' }, query: { session }, headers }) => {
      const owned = await links.read(token);
      if (isProblem(owned)) return pages.notice(token, headers, owned);
      const methodToken = await hostedMethod(owned.gateway, session);
      if (methodToken === null) return pages.refusal(token, headers, gatewayUnavailable);
      const added = await links.use(token, methodToken);
      if (!isProblem(added)) return pages.done(token, headers, added.card);
      return pages.refusal(token, headers, added);
    },
  }),
];
