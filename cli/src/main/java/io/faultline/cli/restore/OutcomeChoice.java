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

  /** Whether the restored processes wait after a failure. */
  boolean holds() {
    return takesOver || onFailure == OnFailure.HOLD;
  }

  /** The option by which it {@link #holds}. */
  String option() {
    return takesOver ? "--take-over" : "--on-failure hold";
  }

  Outcome create(OutcomeContext context) throws IOException {
    return takesOver ? context.takeOver() : context.create(onFailure);
  }
}
