import { z } from 'zod';
import { isProblem, unavailable } from '../../shared/problem.ts';
import { type Route, route } from '../../shared/route.ts';
import type { Platform } from '../../shared/service.ts';
import type { MethodChecks } from '../method-checks.ts';
import type { CardLinks } from './links.ts';
import type { PageAnswers } from './page-responses.ts';

const away = unavailable('gateway-unavailable', 'The payment gateway cannot be asked at the moment.');

/** The way to the gateway's own page, where a card is given without its number ever coming here, and the way back. */
export const hostedRoutes = (
  links: CardLinks,
  { hostedPage, hostedMethod }: MethodChecks,
  pages: PageAnswers,
  { config }: Platform,
): readonly Route[] => [
  route({
    method: 'post',
    path: '/v1/update-card/:token/hosted',
    scope: 'public',
    summary: "Leads on to the gateway's own page, for a link of a gateway that has one",
    handle: async ({ params: { token = '' }, headers }) => {
      const found = await links.open(token);
      if (isProblem(found)) return pages.noticed(token, headers, found);
      const back = `${config.publicUrl}/v1/update-card/${token}`;
      const page = { gateway: found.link.gateway, returnUrl: `${back}/return`, cancelUrl: back };
      const url = await hostedPage(found.account.customer, page);
      return url === null ? pages.formOf(found, token, away) : { status: 303, headers: { location: url, 'cache-control': 'no-store' } };
    },
  }),
  route<undefined, { session: string }>({
    method: 'get',
    path: '/v1/update-card/:token/return',
    scope: 'public',
    summary: "The way back from the gateway's own page: what was given there becomes the default. A repeat answers the same",
    query: z.strictObject({ session: z.string().min(1).max(255) }),
    handle: async ({ params: { token = '' }, query: { session }, headers }) => {
      const owned = await links.read(token);
      if (isProblem(owned)) return pages.noticed(token, headers, owned);
      const given = await hostedMethod(owned.gateway, session);
      if (given === null) return pages.again(token, headers, away);
      const added = await links.use(token, given);
      if (!isProblem(added)) return pages.done(token, headers, added.card);
      return added.status === 404 || added.status === 410 ? pages.noticed(token, headers, added) : pages.again(token, headers, added);
    },
  }),
];
