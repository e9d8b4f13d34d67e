package io.faultline.restore.outcome;

import io.faultline.restore.space.Space;
import io.faultline.uffd.linux.process.PidFd;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Continues what an earlier daemon has left, and leaves it again if this one fails. Confined to the
 * session's event loop.
 */
final class ResumedOutcome extends WaitingOutcome {
  private static final long WAIT_MILLIS = 2;

  private final Map<HeldSpace, TakeOver.Found> found = new HashMap<>();

  /**
   * @throws IOException if it cannot be continued; the message is for the user
   */
  ResumedOutcome(OutcomeContext context) throws IOException {
    super(context, TakeOver.begin(context.workDirectory()));
    List<PidFd> earlierQueues = state().queuesButLast();
    killer().addKnown();
    TakeOver taking = new TakeOver(state(), journals());
    String lost = taking.lost();
    if (!lost.isEmpty()) {
      end();
      throw new IOException(lost + "; all its processes were killed: restore again");
    }
    taking.find().forEach(each -> found.put(each.space(), each));
    earlierQueues.forEach(Holders::kill);
    adoptConnection();
  }

  /** Their userfaultfds stay open until the processes have exited. */
  private void end() throws IOException {
    try {
      while (!killer().end()) {
        Thread.sleep(WAIT_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the processes were killed", e);
    }
    for (PidFd holder : state().holders()) {
      holders().adopt(holder, holder);
    }
    spaces().close();
    dismissAll();
  }

  @Override
  public List<HeldSpace> held() {
    return List.copyOf(found.keySet());
  }

  @Override
  public void resumed(HeldSpace held, Space space) {
    TakeOver.Found known = found.remove(held);
    if (known == null) {
      throw new IllegalArgumentException("not held: " + held);
    }
    spaces().resume(space, known.journal(), known.holder());
  }

  @Override
  public void received(int criuPid, int pid, Space space) {
    throw new IllegalStateException("CRIU restores no process for a daemon that takes over");
  }

  @Override
  public void restored() {}

  @Override
  boolean canWait() {
    return true;
  }
}
