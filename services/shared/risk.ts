import { allowed, type RiskCheck, riskAnswerSchema } from './contracts/risk-check.ts';
import type { Platform } from './service.ts';

export type Risk = {
  /**
   * Fails open: without a readable response in time every request is allowed, so that an outage of
   * the risk check prevents no sale. Each such request is counted.
   */
  readonly check: RiskCheck;
  /**
   * Releases the tallies that the request with this id claimed. They expire by themselves when the
   * security service is unavailable.
   */
  readonly giveBack: (id: string, taken: readonly string[]) => Promise<void>;
};

/** The risk check of the security service, called through Dapr. */
export const createRisk = ({ config, invoke, log, observeRisk }: Pick<Platform, 'config' | 'invoke' | 'log' | 'observeRisk'>): Risk => ({
  check: async (question) => {
    try {
      const answer = riskAnswerSchema.parse(
        await invoke('security', 'post', 'risk/questions', question, { withinMillis: config.riskPatience }),
      );
      observeRisk(question.kind, answer.verdict);
      return answer;
    } catch (error) {
      log.warn({ kind: question.kind, id: question.id, err: error }, 'risk check failed, the request is allowed');
      observeRisk(question.kind, 'unavailable');
      return allowed;
    }
  },
  giveBack: async (id, taken) => {
    if (taken.length === 0) return;
    await invoke('security', 'post', 'risk/releases', { id, taken }).catch((err: Error) =>
      log.warn({ id, err }, 'risk tally release failed'),
    );
  },
});
