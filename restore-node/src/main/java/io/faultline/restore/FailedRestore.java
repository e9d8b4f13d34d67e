package io.faultline.restore;

import io.faultline.restore.origin.PageOrigin;
import io.faultline.restore.outcome.Outcome;
import io.netty.channel.IoEventLoop;
import java.util.concurrent.TimeUnit;

/**
 * Ends a restore that has failed: first the restored processes, as the outcome wants it; only then
 * are their userfaultfds closed, and the source told. Confined to the session's event loop.
 */
final class FailedRestore {
  /** Time until the end of the processes is tried again, at first and at most. */
  private static final long LEAST_RETRY_MICROS = 200;

  private static final long MOST_RETRY_MICROS = 10_000;

  /** How long the origin may take to end the source. */
  private static final long END_SECONDS = 10;

  private final IoEventLoop loop;
  private final Outcome outcome;
  private final PageOrigin origin;
  private final Owner owner;
  private long retryMicros = LEAST_RETRY_MICROS;
  private boolean ended;

  /** The session. */
  interface Owner {
    /** No process needs its userfaultfd any more. */
    void processesEnded();

    /** Everything has ended. Called once. */
    void ended();
  }

  FailedRestore(IoEventLoop loop, Outcome outcome, PageOrigin origin, Owner owner) {
    this.loop = loop;
    this.outcome = outcome;
    this.origin = origin;
    this.owner = owner;
  }

  /**
   * Begins to end everything. Until the outcome says so, the userfaultfds stay open, and the origin
   * waits.
   *
   * @param started whether the origin was started, so that there may be a source to tell
   */
  void end(boolean started) {
    boolean done = false;
    try {
      done = outcome.failed(origin.isResumable());
    } catch (RuntimeException | Error e) {
      // such as no descriptors or memory left: later, perhaps. The user knows the first failure.
    }
    if (done) {
      owner.processesEnded();
      tellOrigin(started ? outcome.source() : Outcome.Source.RUNS_ON);
    } else {
      var _ = loop.schedule(() -> end(started), retryMicros, TimeUnit.MICROSECONDS);
      retryMicros = Math.min(MOST_RETRY_MICROS, 2 * retryMicros);
    }
  }

  private void tellOrigin(Outcome.Source source) {
    switch (source) {
      case RUNS_ON -> originFinished();
      case ENDS -> {
        var _ = loop.schedule(this::originFinished, END_SECONDS, TimeUnit.SECONDS);
        origin.finish();
      }
      case WAITS -> owner.ended();
    }
  }

  /** The origin has told the source that it ends, or must not take longer. */
  void originFinished() {
    if (!ended) {
      ended = true;
      try {
        origin.abort();
      } finally {
        awaitOrigin();
      }
    }
  }

  private void awaitOrigin() {
    if (origin.hasEnded()) {
      owner.ended();
    } else {
      var _ = loop.schedule(this::awaitOrigin, MOST_RETRY_MICROS, TimeUnit.MICROSECONDS);
    }
  }
}
