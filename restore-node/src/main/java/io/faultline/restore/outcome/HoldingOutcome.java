package io.faultline.restore.outcome;

import io.faultline.restore.space.Space;
import io.faultline.uffd.linux.MessageMemory;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Leaves the restored processes as they are when the session fails or this process is killed: their
 * userfaultfds stay open in holders, so that threads sleep on missing pages until another daemon
 * {@link TakeOver takes over}. They are killed instead while CRIU restores, since CRIU fails as
 * well; if the source may let its own processes continue; and, by the guard, if no other daemon has
 * come before that.
 *
 * <p>Confined to the session's event loop.
 */
final class HoldingOutcome extends GuardedOutcome {
  /** For the user, after a failure. */
  static final String CONTINUE =
      "the restored processes wait for their pages: continue with lazy-pages --take-over and the"
          + " same directories";

  private final OutcomeContext context;
  private final HeldSpaces spaces;
  private boolean restored;
  private boolean held;

  /**
   * @throws IOException if the work directory cannot be used
   */
  HoldingOutcome(OutcomeContext context) throws IOException {
    super(context, StateDirectory.create(context.workDirectory()));
    this.context = context;
    spaces = new HeldSpaces(state(), holders(), new Journals(state().path(), holders()::protect));
  }

  @Override
  public MessageMemory memory(int descriptor) throws IOException {
    return spaces.memory(descriptor);
  }

  @Override
  public void received(int criuPid, int pid, Space space) throws IOException {
    spaces.add(space);
    killer().addTask(criuPid, pid);
  }

  @Override
  public void restored() {
    killer().restored();
    try {
      state().setRestored();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    restored = true;
  }

  @Override
  public void forked(Space parent, Space child) {
    spaces.addForked(child);
    killer().searchSoon();
  }

  @Override
  public void completed(Space space) {
    spaces.complete(space);
  }

  @Override
  public boolean failed(boolean isResumable) {
    if (restored && isResumable && !held) {
      held = true;
      context.log().accept(CONTINUE);
    }
    return held || killer().end();
  }

  @Override
  public Source source() {
    return held ? Source.WAITS : Source.RUNS_ON;
  }

  @Override
  public void ended() {
    spaces.close();
    if (held) {
      leaveAll();
    } else {
      dismissAll();
    }
  }
}
