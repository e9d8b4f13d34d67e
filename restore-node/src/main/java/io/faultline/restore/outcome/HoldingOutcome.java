package io.faultline.restore.outcome;

import io.faultline.restore.space.Space;
import io.faultline.uffd.linux.MessageMemory;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Leaves the restored processes waiting when the session fails or this process is killed. They are
 * killed instead while CRIU restores, since CRIU fails as well; if the source may let its own
 * processes continue; and, by the guard, if no other daemon has come before that.
 *
 * <p>Confined to the session's event loop.
 */
final class HoldingOutcome extends WaitingOutcome {
  private boolean restored;

  /**
   * @throws IOException if the work directory cannot be used
   */
  HoldingOutcome(OutcomeContext context) throws IOException {
    super(context, StateDirectory.create(context.workDirectory()));
  }

  @Override
  public MessageMemory memory(int descriptor) throws IOException {
    return spaces().memory(descriptor);
  }

  @Override
  public void received(int criuPid, int pid, Space space) throws IOException {
    spaces().add(space);
    killer().addTask(criuPid, pid, space.layout());
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
  boolean canWait() {
    return restored;
  }
}
