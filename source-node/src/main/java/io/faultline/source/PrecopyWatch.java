package io.faultline.source;

import io.faultline.proto.AnswerDeadline;
import io.faultline.proto.Heartbeats;
import io.faultline.proto.PeerWait;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Watches the destination during precopy rounds: pings it while it is quiet, and notices that it is
 * silent, or that it answers pings but does not confirm a round. How long the source takes to send
 * a round does not matter: a large VM over a slow link takes long, and the user may pause it. Reads
 * no clock. Confined to the control loop.
 */
final class PrecopyWatch {
  /** How long the destination may take to place the end of a round, once it was all sent. */
  private static final long CONFIRM_NANOS = TimeUnit.SECONDS.toNanos(120);

  /**
   * The limit to silence if there are no heartbeats. The destination has one of 130 s, and needs
   * the pings that this leads to.
   */
  private static final int NO_HEARTBEATS_MILLIS = 120_000;

  private static final String OUTCOME = "the migration fails, and the VM continues here";

  private final OutgoingLink link;
  private final AnswerDeadline confirmation = new AnswerDeadline();
  private Heartbeats heartbeats = new Heartbeats(NO_HEARTBEATS_MILLIS, 0, 0);

  PrecopyWatch(OutgoingLink link) {
    this.link = link;
  }

  /** The first round starts. */
  void start(Heartbeats ofControl, long nowNanos) {
    if (ofControl.hasLimit()) {
      heartbeats = ofControl;
    }
    heartbeats.start(nowNanos);
  }

  /** Something arrived on the control connection. */
  void peerAlive(long nowNanos) {
    heartbeats.received(nowNanos);
  }

  /** The end of a round was sent. */
  void roundSent(int round, long nowNanos) {
    confirmation.start("confirm precopy round " + round, CONFIRM_NANOS, nowNanos);
  }

  /** The destination has confirmed a round. */
  void roundReceived() {
    confirmation.clear();
  }

  /** Called regularly: returns why the migration has failed, for the user; null if it has not. */
  @Nullable String check(long nowNanos) {
    if (heartbeats.isSilent(nowNanos)) {
      return "the destination has been silent for too long";
    }
    if (confirmation.isOver(nowNanos)) {
      return confirmation.describe("the destination");
    }
    if (heartbeats.isQuiet(nowNanos)) {
      heartbeats.sent(nowNanos);
      link.send(ClockOffset.ping(nowNanos));
    }
    return null;
  }

  /** What the source waits for; null for nothing. */
  @Nullable PeerWait waiting(long nowNanos) {
    PeerWait silence = heartbeats.silence(OUTCOME, nowNanos);
    return silence == null ? confirmation.pending(OUTCOME) : silence;
  }
}
