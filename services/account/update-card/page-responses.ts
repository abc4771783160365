import { isProblem, type Problem } from '../../shared/problem.ts';
import type { RouteRequest, RouteResponse } from '../../shared/route.ts';
import type { CardLinks, OpenLink } from './links.ts';
import { donePage, formPage, type Notice, noticePage, pageHeaders } from './page.ts';

type Headers = RouteRequest<unknown, unknown>['headers'];

export type PageResponses = ReturnType<typeof createPageResponses>;

/** The pages of a link, in the language of its customer. */
export function createPageResponses(links: CardLinks) {
  const page = (status: number, body: string): RouteResponse => ({ status, body, headers: pageHeaders });
  const localeFor = async (token: string, headers: Headers): Promise<string> =>
    (await links.ownerOf(token))?.locale ?? String(headers['accept-language'] ?? 'en').slice(0, 2);

  const formOf = ({ link, account }: OpenLink, token: string, refusal?: Problem): RouteResponse => {
    const base = { locale: account.customer.locale, card: account.paymentMethods[0]?.card ?? null };
    // Tokens are typed in for the simulated gateway only; a real gateway has its own page.
    const hosted = link.gateway === 'simulated' ? {} : { hosted: `${token}/hosted` };
    return page(refusal?.status ?? 200, formPage({ ...base, ...hosted, ...(refusal && { notice: noticeOf(refusal) }) }));
  };
  const notice = async (token: string, headers: Headers, found: Problem): Promise<RouteResponse> =>
    page(found.status, noticePage(await localeFor(token, headers), noticeOf(found)));

  return {
    /** The form for a new card. */
    formOf,
    /** A page with the reason why the link cannot be used. */
    notice,
    /**
     * The form again with the reason of the refusal, or a notice if the link can no longer be used.
     */
    refusal: async (token: string, headers: Headers, refusal: Problem): Promise<RouteResponse> => {
      if (refusal.status === 404 || refusal.status === 410) return notice(token, headers, refusal);
      const found = await links.open(token);
      return isProblem(found) ? notice(token, headers, found) : formOf(found, token, refusal);
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
