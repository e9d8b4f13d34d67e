package io.faultline.dest;

import io.faultline.proto.AnswerDeadline;
import io.faultline.proto.Heartbeats;
import io.faultline.proto.PeerWait;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What the destination waits for while the source is connected, and how long: the source's next
 * step, or, while that may take any time, a sign of life and pages. Reads no clock. Confined to the
 * control loop.
 *
 * <p>A source that is alive and sends no pages is reported, and never given up: its user may have
 * paused the transfer, and only the source knows.
 */
final class SourceWatch {
  /** For the source's next step, where its duration does not depend on the size of the VM. */
  private static final long STEP_NANOS = TimeUnit.SECONDS.toNanos(130);

  private static final long GOODBYE_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** In precopy: the VM runs at the source, so waiting a little longer costs only memory here. */
  private static final int MIN_PRECOPY_SILENCE_MILLIS = 15_000;

  /** In precopy with a source without heartbeats: it sends a ping at least every 40 s. */
  private static final int PRECOPY_SILENCE_MILLIS = 130_000;

  /** Of the source, which sends a ping after a third of one. */
  private static final int LIMITS = 5;

  private static final long UNUSUAL_SILENCE_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final String LOST = "the connection counts as lost";
  private static final String FAILS = "the migration fails, and the VM continues there";

  private final AnswerDeadline step = new AnswerDeadline();
  private @Nullable Heartbeats precopy;
  private long pages;
  private long pagesNanos;

  SourceWatch(long nowNanos) {
    pagesNanos = nowNanos;
    step.start("describe the VM and send its state", STEP_NANOS, nowNanos);
  }

  /** Memory is prepared, which may have taken this side long: the source's time begins now. */
  void memoryPrepared(long nowNanos) {
    if (precopy == null && step.isSet()) {
      step.start("send the VM's state", STEP_NANOS, nowNanos);
    }
  }

  /**
   * Precopy rounds begin: from now on the source sends a ping when it sends nothing else.
   *
   * @param peerMillis after how much silence the source treats this side as gone; 0 for never
   */
  void precopyStarted(int peerMillis, long nowNanos) {
    long limit =
        peerMillis == 0
            ? PRECOPY_SILENCE_MILLIS
            : Math.max(MIN_PRECOPY_SILENCE_MILLIS, (long) LIMITS * peerMillis);
    precopy = new Heartbeats(Math.toIntExact(Math.min(limit, Integer.MAX_VALUE)), 0, nowNanos);
    step.clear();
  }

  /** The device state has arrived, or the source has returned and knows that it must send RUN. */
  void awaitRun(long nowNanos) {
    precopy = null;
    step.start("hand over the VM", STEP_NANOS, nowNanos);
  }

  /** The source has reconnected. */
  void awaitRecovery(long nowNanos) {
    step.start("complete the recovery", STEP_NANOS, nowNanos);
  }

  /** COMPLETED was sent: how long to wait for the answer. */
  void awaitGoodbye(long moreNanos, long nowNanos) {
    step.start("confirm the end", GOODBYE_NANOS + moreNanos, nowNanos);
  }

  boolean awaitsStep() {
    return step.isSet();
  }

  /** All pages, which may take any time: heartbeats detect a lost source. */
  void awaitPages(long nowNanos) {
    pagesNanos = nowNanos;
    step.clear();
  }

  /** The source is lost. */
  void awaitNothing() {
    step.clear();
  }

  /** Something has arrived on the control connection. */
  void heard(long nowNanos) {
    if (precopy != null) {
      precopy.received(nowNanos);
    }
  }

  /**
   * Called regularly: returns why the source counts as lost, for the user; null if it does not.
   *
   * @param arrived pages so far
   */
  @Nullable String check(long arrived, long nowNanos) {
    if (arrived != pages) {
      pages = arrived;
      pagesNanos = nowNanos;
    }
    if (step.isOver(nowNanos)) {
      return step.describe("the source");
    }
    return precopy != null && precopy.isSilent(nowNanos)
        ? "the source has been silent for too long during precopy"
        : null;
  }

  /** Before READY: what the destination waits for; null for nothing. */
  @Nullable PeerWait beforeReady(long nowNanos) {
    if (precopy == null) {
      return step.pending(FAILS);
    }
    PeerWait silence = precopy.silence(UNUSUAL_SILENCE_NANOS, FAILS, nowNanos);
    return silence == null ? pages() : silence;
  }

  /** From READY on: what the destination waits for. */
  PeerWait afterReady(SourceLiveness source, boolean vmStarted, long nowNanos) {
    if (source.isPaused()) {
      return source.waiting(vmStarted);
    }
    PeerWait next = step.pending(LOST);
    if (next != null) {
      return next;
    }
    PeerWait silence = source.heartbeats().silence(LOST, nowNanos);
    return silence == null ? pages() : silence;
  }

  private PeerWait pages() {
    return new PeerWait(
        "send pages", pagesNanos, "it is alive, and only it knows why there are none");
  }
}
