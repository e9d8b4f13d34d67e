package io.faultline.restore.outcome;

import io.faultline.restore.space.Space;
import java.io.IOException;

/**
 * Kills the restored processes when the session fails, all of them and their descendants, and waits
 * until they have exited. A task that cannot exit, such as one that waits for a device, keeps its
 * userfaultfd, and the origin is not told: no process ever reads a zero page, and source and
 * restored process never both run.
 *
 * <p>If this process is killed itself, its guard does the same. The guard's holders have the
 * connection to the source too, so that it is reset only when the processes have exited.
 *
 * <p>Confined to the session's event loop.
 */
final class KillingOutcome extends GuardedOutcome {
  private final Source source;

  /**
   * @throws IOException if the work directory cannot be used
   */
  KillingOutcome(OutcomeContext context, Source source) throws IOException {
    super(context, StateDirectory.create(context.workDirectory()));
    this.source = source;
  }

  @Override
  public void received(int criuPid, int pid, Space space) throws IOException {
    var _ = holders().hold(space, space.userfaultfd().fd());
    killer().addTask(criuPid, pid, space.layout());
  }

  @Override
  public void restored() {
    killer().restored();
  }

  @Override
  public void forked(Space parent, Space child) {
    holders().holdSoon(child, child.userfaultfd().fd(), holder -> {});
    killer().searchSoon();
  }

  /** Processes that have all of their pages end too: the source continues for them. */
  @Override
  public void completed(Space space) {
    holders().release(space);
  }

  @Override
  public boolean failed(boolean isResumable) {
    return killer().end();
  }

  @Override
  public Source source() {
    return source;
  }

  @Override
  public void ended() {
    dismissAll();
  }
}
