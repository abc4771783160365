import { isProblem, type Problem } from '../../shared/problem.ts';
import type { RouteRequest, RouteResponse } from '../../shared/route.ts';
import type { CardLinks, OpenLink } from './links.ts';
import { donePage, formPage, type Notice, noticePage, pageHeaders } from './page.ts';

type Headers = RouteRequest<unknown, unknown>['headers'];

export type PageAnswers = ReturnType<typeof createPageAnswers>;

/** What people see of a link, in the language of its customer. */
export function createPageAnswers(links: CardLinks) {
  const page = (status: number, body: string): RouteResponse => ({ status, body, headers: pageHeaders });
  const localeFor = async (token: string, headers: Headers): Promise<string> =>
    (await links.ownerOf(token))?.locale ?? String(headers['accept-language'] ?? 'en').slice(0, 2);

  const formOf = ({ link, account }: OpenLink, token: string, refusal?: Problem): RouteResponse => {
    const shown = { locale: account.customer.locale, card: account.paymentMethods[0]?.card ?? null };
    // Only a simulation lets its tokens be typed in: elsewhere the gateway's own page takes the card.
    const hosted = link.gateway === 'simulated' ? {} : { hosted: `${token}/hosted` };
    return page(refusal?.status ?? 200, formPage({ ...shown, ...hosted, ...(refusal && { notice: noticeOf(refusal) }) }));
  };
  const noticed = async (token: string, headers: Headers, found: Problem): Promise<RouteResponse> =>
    page(found.status, noticePage(await localeFor(token, headers), noticeOf(found)));

  return {
    /** Asks for the card. */
    formOf,
    /** Why there is nothing to do here. */
    noticed,
    /** Asks for the card again, or says that the link does nothing any more. */
    again: async (token: string, headers: Headers, refusal: Problem): Promise<RouteResponse> => {
      const found = await links.open(token);
      return isProblem(found) ? noticed(token, headers, found) : formOf(found, token, refusal);
    },
    done: async (token: string, headers: Headers, card: Parameters<typeof donePage>[1]): Promise<RouteResponse> =>
      page(200, donePage(await localeFor(token, headers), card)),
  };
}

function noticeOf({ status, code }: Problem): Notice {
  if (code === 'card-link-used') return 'used';
  if (code === 'card-link-expired') return 'expired';
  if (status === 404) return 'notFound';
  return status === 503 ? 'unavailable' : 'refused';
}
