package io.faultline.restore.transfer;

import io.faultline.restore.space.DumpLayout;
import io.faultline.restore.space.Space;
import io.faultline.restore.space.SpaceCounters;
import io.faultline.uffd.Userfaultfd;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.LongSupplier;

/** A session without a loop: does what is possible, in any order. */
final class RandomSession implements Space.Listener, AutoCloseable {
  private final List<Space> spaces = new ArrayList<>();
  private final RandomOrigin origin;
  private final Random random;
  private final Transfer transfer;

  RandomSession(RandomOrigin origin, Random random, LongSupplier clock) {
    this.origin = origin;
    this.random = random;
    transfer = new Transfer(origin, clock);
  }

  /** Fills a restored process. */
  void add(Userfaultfd userfaultfd, DumpLayout layout) {
    Space space = new Space(userfaultfd, layout, this, new SpaceCounters(System::nanoTime));
    space.registered();
    add(space);
  }

  private void add(Space space) {
    spaces.add(space);
    transfer.add(space);
  }

  @Override
  public void waits(Space space, long page) {
    transfer.fault(space, page);
  }

  @Override
  public void forked(Space parent, Space child) {
    add(child);
  }

  /** Whether every process has all of its pages. */
  boolean isFinished() {
    return spaces.isEmpty();
  }

  /** Does one of the things that may be done now. */
  void turn() {
    int action = random.nextInt(6);
    if (action < 3) {
      new ArrayList<>(spaces).forEach(this::serve);
    } else if (action == 3) {
      origin.answerSome(transfer);
    } else if (action == 4 && random.nextInt(20) == 0) {
      transfer.pump();
    } else if (transfer.isBlocked()) {
      transfer.retry();
    }
  }

  private void serve(Space space) {
    space.readEvents();
    if (space.isUnsettled()) {
      space.settle();
    }
    if (space.isComplete()) {
      space.readEvents();
      if (space.isComplete()) {
        spaces.remove(space);
        transfer.remove(space);
        space.close();
      }
    }
  }

  @Override
  public void close() {
    transfer.close();
  }
}
