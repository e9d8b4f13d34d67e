package io.faultline.cli.restore;

import io.faultline.cli.options.UsageException;
import io.faultline.restore.outcome.OnFailure;
import io.faultline.restore.outcome.Outcome;
import io.faultline.restore.outcome.OutcomeContext;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

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
   * Refuses an origin with which nobody could continue.
   *
   * @param origin the option of a server that has the source's only copy; null for images
   * @throws UsageException if so, with the remedy
   */
  void check(@Nullable String origin) {
    if (origin != null && (takesOver || onFailure == OnFailure.HOLD)) {
      throw new UsageException(
          (takesOver ? "--take-over" : "--on-failure hold")
              + " and "
              + origin
              + ": only images can be read by another process later; use images of a whole dump, or"
              + " --on-failure rollback");
    }
  }

  Outcome create(OutcomeContext context) throws IOException {
    return takesOver ? context.takeOver() : context.create(onFailure);
  }
}
