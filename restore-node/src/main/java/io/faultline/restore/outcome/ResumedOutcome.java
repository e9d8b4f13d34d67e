package io.faultline.restore.outcome;

import io.faultline.restore.space.Space;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Continues what a daemon with a {@link HoldingOutcome} has left, and leaves it again if this one
 * fails. Confined to the session's event loop.
 */
final class ResumedOutcome implements Outcome {
  private final OutcomeContext context;
  private final StateDirectory state;
  private final Holders holders;
  private final HeldSpaces spaces;
  private final Map<HeldSpace, TakeOver.Found> found = new HashMap<>();
  private boolean failed;

  /**
   * @throws IOException if it cannot be continued; the message is for the user
   */
  ResumedOutcome(OutcomeContext context) throws IOException {
    this.context = context;
    state = StateDirectory.of(context.workDirectory());
    holders = new Holders(state);
    Journals journals = new Journals(state.path());
    spaces = new HeldSpaces(state, holders, journals);
    for (TakeOver.Found each : new TakeOver(state, journals).find()) {
      found.put(each.space(), each);
    }
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
    spaces.resume(space, known.journal(), known.holder());
  }

  @Override
  public void received(int criuPid, int pid, Space space) {
    throw new IllegalStateException("CRIU restores no process for a daemon that takes over");
  }

  @Override
  public void restored() {}

  @Override
  public void connected(int descriptor) {}

  @Override
  public void forked(Space parent, Space child) {
    spaces.add(child);
  }

  @Override
  public void completed(Space space) {
    spaces.complete(space);
  }

  @Override
  public void succeeded() {}

  @Override
  public boolean failed() {
    failed = true;
    context.log().accept(HoldingOutcome.CONTINUE);
    return true;
  }

  @Override
  public Source source() {
    return Source.WAITS;
  }

  @Override
  public void ended() {
    spaces.close();
    if (!failed) {
      holders.close();
      state.delete();
    }
  }
}
