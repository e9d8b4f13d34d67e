package io.faultline.restore.outcome;

import io.faultline.restore.space.Space;
import io.faultline.uffd.linux.MessageMemory;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Leaves the restored processes as they are when the session fails or this process is killed: their
 * userfaultfds stay open in holders, so that threads sleep on missing pages until another daemon
 * {@link TakeOver takes over}. While CRIU restores, the processes are killed instead, since CRIU
 * fails as well.
 *
 * <p>Confined to the session's event loop.
 */
final class HoldingOutcome implements Outcome {
  /** For the user, after a failure. */
  static final String CONTINUE =
      "the restored processes wait for their pages: continue with lazy-pages --take-over and the"
          + " same directories";

  private final OutcomeContext context;
  private final KillingOutcome restoring;
  private final HeldSpaces spaces;
  private boolean restored;
  private boolean failed;

  HoldingOutcome(OutcomeContext context) throws IOException {
    this.context = context;
    restoring = new KillingOutcome(context, Source.RUNS_ON);
    StateDirectory state = restoring.state();
    spaces = new HeldSpaces(state, restoring.holders(), new Journals(state.path()));
  }

  @Override
  public MessageMemory memory(int descriptor) throws IOException {
    return spaces.memory(descriptor);
  }

  @Override
  public void received(int criuPid, int pid, Space space) throws IOException {
    spaces.add(space);
    restoring.addTask(criuPid, pid);
  }

  @Override
  public void restored() {
    restoring.restored();
    try {
      restoring.state().setRestored();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    restored = true;
    restoring.succeeded(); // nothing is killed from now on
  }

  @Override
  public void connected(int descriptor) {}

  @Override
  public void forked(Space parent, Space child) {
    spaces.add(child);
    restoring.searchSoon();
  }

  @Override
  public void completed(Space space) {
    spaces.complete(space);
  }

  @Override
  public void succeeded() {}

  @Override
  public boolean failed() {
    if (!failed && restored) {
      context.log().accept(CONTINUE);
    }
    failed = true;
    return restored || restoring.failed();
  }

  @Override
  public Source source() {
    return restored ? Source.WAITS : Source.RUNS_ON;
  }

  @Override
  public void ended() {
    spaces.close();
    if (!failed || !restored) {
      restoring.ended();
    }
  }
}
