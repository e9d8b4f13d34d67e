package io.faultline.cli.restore;

import io.faultline.cli.options.UsageException;
import io.faultline.restore.outcome.OnFailure;
import io.faultline.restore.outcome.Outcome;
import io.faultline.restore.outcome.OutcomeContext;
import java.io.IOException;

/**
 * What the user wants after a failure.
 *
 * @param takesOver whether to continue with the processes of an earlier daemon
 */
record OutcomeChoice(OnFailure onFailure, boolean takesOver) {
  OutcomeChoice {
    if (takesOver && onFailure == OnFailure.KILL) {
      throw new UsageException("--take-over and --on-failure kill: leave out --on-failure");
    }
  }

  /**
   * Refuses an origin that cannot be continued.
   *
   * @param servesOnce whether the pages come from a server that accepts no second connection
   * @throws UsageException if so, with the remedy
   */
  void check(boolean servesOnce) {
    if (servesOnce && (takesOver || onFailure == OnFailure.HOLD)) {
      throw new UsageException(
          (takesOver ? "--take-over" : "--on-failure hold")
              + " and --page-server: a dump serves one connection, so that nobody can continue"
              + " after this process; use --from with a page source (page-server --source), images,"
              + " or --on-failure rollback");
    }
  }

  Outcome create(OutcomeContext context) throws IOException {
    return takesOver ? context.takeOver() : context.create(onFailure);
  }
}
