package io.faultline.restore;

import io.faultline.proto.Transport;
import io.faultline.restore.space.Space;
import io.faultline.restore.transfer.Transfer;
import io.netty.channel.IoEventLoop;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * Does, after each event, all that can be done now: resolves faults, closes what is complete, asks
 * for more pages. What the kernel refuses is tried again with a timer.
 *
 * <p>Confined to the session's event loop.
 */
final class FillLoop {
  /** Time until something that the kernel refused is tried again, at first and at most. */
  private static final long LEAST_RETRY_MICROS = 200;

  private static final long MOST_RETRY_MICROS = 10_000;

  private final IoEventLoop loop;
  private final Executor afterIo;
  private final Transfer transfer;
  private final boolean background;
  private final Owner owner;
  private final PolledSpaces spaces;
  private boolean running;
  private boolean runAgain;
  private boolean sliceIsDue;
  private boolean retryIsDue;
  private long retryMicros = LEAST_RETRY_MICROS;

  /** The session. */
  interface Owner {
    /** Whether the session has failed or ended: nothing is filled any more. */
    boolean isOver();

    /** Whether the processes run: then pages are fetched in the background. */
    boolean isRunning();

    /** A space has all its pages. Must {@link #remove} it. */
    void complete(Space space);

    /** All spaces are complete. */
    void allComplete();

    /** Something threw: the loop would only log it. */
    void broken(Throwable failure);
  }

  /**
   * @param background whether pages are fetched that nobody waits for
   */
  FillLoop(IoEventLoop loop, Transfer transfer, boolean background, Owner owner) {
    this.loop = loop;
    this.transfer = transfer;
    this.background = background;
    this.owner = owner;
    afterIo = Transport.afterIo(loop);
    spaces = new PolledSpaces(loop, this::readable, owner::broken);
  }

  void add(Space space) {
    transfer.add(space);
    spaces.add(space);
  }

  /** Closes the userfaultfd of a space. */
  void remove(Space space) {
    transfer.remove(space);
    spaces.close(space);
  }

  void removeAll() {
    while (!spaces.isEmpty()) {
      remove(spaces.last());
    }
  }

  /** All lazy memory of all spaces is registered. */
  void registered() {
    spaces.registered();
  }

  private void readable(Space space) {
    if (space.readEvents()) {
      run();
    }
  }

  /**
   * Does what is to be done now. An origin that answers immediately, and a session that adds a
   * space, call it from here: then another round follows.
   */
  void run() {
    runAgain = true;
    if (running) {
      return;
    }
    running = true;
    try {
      while (runAgain && !owner.isOver()) {
        runAgain = false;
        spaces.settle();
        closeComplete();
        fetch();
      }
      retryLater();
    } catch (RuntimeException | Error e) {
      owner.broken(e);
    } finally {
      running = false;
    }
  }

  private void closeComplete() {
    if (!owner.isRunning()) {
      return;
    }
    for (Space next = spaces.nextComplete(); next != null; next = spaces.nextComplete()) {
      owner.complete(next);
    }
    if (spaces.isEmpty()) {
      owner.allComplete();
    }
  }

  /**
   * Asks for more. An origin that answers immediately has placed a slice of it then: the next one
   * follows once the loop has looked for faults, with all that this one made possible.
   */
  private void fetch() {
    if (!background || !owner.isRunning() || !transfer.pump()) {
      return;
    }
    runAgain = false;
    if (!sliceIsDue) {
      sliceIsDue = true;
      afterIo.execute(
          () -> {
            sliceIsDue = false;
            run();
          });
    }
  }

  private void retryLater() {
    boolean due = transfer.isBlocked() || spaces.isAnyUnsettled();
    if (!due) {
      retryMicros = LEAST_RETRY_MICROS;
    } else if (!retryIsDue && !owner.isOver()) {
      retryIsDue = true;
      var _ = loop.schedule(this::retry, retryMicros, TimeUnit.MICROSECONDS);
      retryMicros = Math.min(MOST_RETRY_MICROS, 2 * retryMicros);
    }
  }

  private void retry() {
    retryIsDue = false;
    if (owner.isOver()) {
      return;
    }
    try {
      spaces.readEvents();
      transfer.retry();
    } catch (RuntimeException | Error e) {
      owner.broken(e);
    }
    run();
  }
}
