package io.faultline.restore.outcome;

import io.faultline.restore.space.Space;
import java.io.IOException;
import java.util.function.Consumer;

/**
 * An outcome that can leave the restored processes waiting: their userfaultfds stay open in
 * holders, so that threads sleep on missing pages until another daemon {@link TakeOver takes over}.
 *
 * <p>Confined to the session's event loop.
 */
abstract class WaitingOutcome extends GuardedOutcome {
  /** For the user, after a failure. */
  private static final String CONTINUE =
      "the restored processes wait for their pages: continue with lazy-pages --take-over and the"
          + " same directories";

  private final HeldSpaces spaces;
  private final Journals journals;
  private final Consumer<String> log;
  private boolean held;

  /**
   * Starts a guard.
   *
   * @param state exists
   * @throws IOException if the work directory cannot be used
   */
  WaitingOutcome(OutcomeContext context, StateDirectory state) throws IOException {
    super(context, state);
    log = context.log();
    journals = new Journals(state.path(), holders()::protect);
    spaces = new HeldSpaces(state, holders(), journals);
  }

  final HeldSpaces spaces() {
    return spaces;
  }

  final Journals journals() {
    return journals;
  }

  /** Whether the processes have all that another daemon needs. */
  abstract boolean canWait();

  @Override
  public final void forked(Space parent, Space child) {
    spaces.addForked(child);
    killer().searchSoon();
  }

  @Override
  public final void completed(Space space) {
    spaces.complete(space);
  }

  @Override
  public final boolean failed(boolean isResumable) {
    if (isResumable && !held && canWait()) {
      held = true;
      log.accept(CONTINUE);
    }
    return held || killer().end();
  }

  @Override
  public final Source source() {
    return held ? Source.WAITS : Source.RUNS_ON;
  }

  @Override
  public final void ended() {
    spaces.close();
    if (held) {
      leaveAll();
    } else {
      dismissAll();
    }
  }
}
