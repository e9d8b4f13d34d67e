package io.faultline.restore.remote;

import io.faultline.proto.WireException;
import io.faultline.proto.wire.Completed;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Ready;
import java.util.concurrent.TimeUnit;

/**
 * The end of a restore: this side is READY once it has all pages; the page source answers RUN, and
 * never lets the processes continue from then on; this side confirms that with COMPLETED, and the
 * page source takes its leave with GOODBYE. Each frame is repeated on new connections. Reads no
 * clock. Confined to the session's loop.
 */
final class CompletionAgreement {
  /** How long the page source has for GOODBYE, when nothing can be lost any more. */
  private static final long GOODBYE_NANOS = TimeUnit.SECONDS.toNanos(30);

  private boolean ready;
  private boolean said;
  private boolean withdrawn;
  private boolean owned;
  private long ownedNanos;

  /** RUN has arrived at an earlier program. */
  void inherited(long nowNanos) {
    owned = true;
    ownedNanos = nowNanos;
  }

  /** All pages have arrived. */
  void begin() {
    ready = true;
    withdrawn = false;
  }

  /**
   * The restored processes are being ended: RUN comes too late from now on, unless all {@link
   * #begin}s again. Nothing changes once RUN has arrived.
   */
  void withdraw() {
    withdrawn = !owned;
  }

  /** Whether the page source may have answered RUN, which has not arrived or came too late. */
  boolean isUndecided() {
    return said && !owned;
  }

  boolean hasBegun() {
    return ready;
  }

  /** Whether there is a frame to send. */
  boolean hasFrame() {
    return ready && !withdrawn;
  }

  /** Whether RUN has arrived: this side owns the processes. */
  boolean isOwned() {
    return owned;
  }

  /** What this side has to say now. It is sent. */
  Frame frame() {
    said = true;
    return owned
        ? Frame.newBuilder().setCompleted(Completed.getDefaultInstance()).build()
        : Frame.newBuilder().setReady(Ready.getDefaultInstance()).build();
  }

  /**
   * RUN has arrived.
   *
   * @return whether this side owns the processes: it does not if it has withdrawn
   */
  boolean run(long nowNanos) throws WireException {
    if (!ready) {
      throw new WireException("RUN before all pages have arrived");
    }
    if (!owned && !withdrawn) {
      owned = true;
      ownedNanos = nowNanos;
    }
    return owned;
  }

  /** GOODBYE has arrived. */
  void goodbye() throws WireException {
    if (!owned) {
      throw new WireException("GOODBYE before RUN");
    }
  }

  /** Whether GOODBYE is missing for too long. */
  boolean isOverdue(long nowNanos) {
    return owned && nowNanos - ownedNanos > GOODBYE_NANOS;
  }
}
