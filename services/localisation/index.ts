import type { CreateService } from '../shared/service.ts';
import { localisationRoutes } from './routes.ts';

/** Formats amounts, dates and the platform's own terms in the language of a customer. */
export const createLocalisationService: CreateService = () => ({
  name: 'localisation',
  about: 'Formats amounts, dates and the platform’s own terms in the language of a customer.',
  routes: localisationRoutes('/v1/localisation'),
  internal: localisationRoutes(''),
  reactions: [],
});
