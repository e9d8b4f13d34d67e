package io.faultline.source;

import io.faultline.proto.Heartbeats;
import io.faultline.proto.Hellos;
import io.faultline.proto.PeerWait;
import io.faultline.proto.WireException;
import io.faultline.proto.connect.ReconnectSchedule;
import io.faultline.proto.wire.Frame;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The state machine of an outgoing migration:
 *
 * <pre>
 *   SETUP --memory prepared--> PRECOPY --rounds done--> SWITCHOVER --READY: RUN--> POSTCOPY
 *     |                           |                        |                          |
 *     +------ FAILED or CANCELLED: the VM resumes here ----+            COMPLETED, or FAILED:
 *                                                                  the destination owns the VM
 * </pre>
 *
 * <p>{@link OutgoingHandover} has the states up to RUN, {@link OutgoingPostcopy} those after it.
 * This class knows which of them it is, and how the migration ended.
 *
 * <p>Reads no clock and knows no socket. Confined to the control loop.
 */
final class OutgoingMigration {
  private final OwnershipLog ownershipLog;
  private final OutgoingRegions regions;
  private final OutgoingLink link;
  private final SourceSettings settings;
  private final ReconnectSchedule reconnectSchedule;
  private final OutgoingTimes times = new OutgoingTimes();
  private final OutgoingHandover handover;
  private @Nullable OutgoingPostcopy postcopy;

  /** How the migration ended; null before. */
  private @Nullable OutgoingState ended;

  private @Nullable String error;

  OutgoingMigration(
      OutgoingVm vm,
      OutgoingRegions regions,
      SourceSettings settings,
      OutgoingLink link,
      LongSupplier bytesSent,
      ReconnectSchedule reconnectSchedule,
      OwnershipLog ownershipLog,
      long nowNanos) {
    this.ownershipLog = ownershipLog;
    this.regions = regions;
    this.settings = settings;
    this.link = link;
    this.reconnectSchedule = reconnectSchedule;
    times.startedNanos = nowNanos;
    handover =
        new OutgoingHandover(
            vm, regions, settings, link, times, bytesSent, ownershipLog, this::state, nowNanos);
  }

  OutgoingState state() {
    if (ended != null) {
      return ended;
    }
    return postcopy == null ? handover.state() : postcopy.state();
  }

  SourceSettings settings() {
    return settings;
  }

  boolean isCommitted() {
    return postcopy != null;
  }

  @Nullable String error() {
    return error;
  }

  OutgoingTimes times() {
    return times;
  }

  /** The states up to the commit point. */
  OutgoingHandover handover() {
    return handover;
  }

  /**
   * All connections of an attempt are established, and their handshakes done.
   *
   * @param ofControl the heartbeats of the new control connection
   */
  void connected(Heartbeats ofControl, long nowNanos) {
    if (postcopy != null) {
      postcopy.connected(ofControl, nowNanos);
    } else {
      handover.connected(ofControl, nowNanos);
    }
  }

  /** Something arrived on the control connection. */
  void peerAlive(long nowNanos) {
    if (postcopy != null) {
      postcopy.peerAlive(nowNanos);
    } else if (ended == null) {
      handover.peerAlive(nowNanos);
    }
  }

  /** Handles a control frame. */
  void received(Frame frame, long nowNanos) throws WireException {
    switch (frame.getBodyCase()) {
      case PONG -> handover.pong(frame.getPong(), nowNanos);
      case MEMORY_PREPARED -> handover.memoryPrepared(nowNanos);
      case ROUND_RECEIVED -> {
        int round = frame.getRoundReceived().getRound();
        failIf(handover.roundReceived(round, nowNanos), nowNanos);
      }
      case READY -> ready(nowNanos);
      case FAILURE ->
          end(
              "the destination gave up: " + Hellos.printable(frame.getFailure().getMessage()),
              frame.getFailure().getRecoverable(),
              nowNanos);
      default -> {
        if (postcopy == null || ended != null) {
          throw unexpected(frame.getBodyCase().toString());
        }
        if (postcopy.received(frame, nowNanos)) {
          completed(nowNanos);
        }
      }
    }
  }

  /**
   * Refuses a page request if it is not expected in this state: before the device state was sent,
   * whose devices may read guest memory when they load it.
   */
  void checkRequest() throws WireException {
    OutgoingState now = state();
    boolean isLoaded = now == OutgoingState.SWITCHOVER && handover.switchover().isStateSent();
    if (now != OutgoingState.POSTCOPY && !isLoaded) {
      throw unexpected("page request");
    }
  }

  /**
   * The background scan has found all stale pages claimed.
   *
   * @param urgentPages base pages sent on the control connection
   */
  void backgroundDone(long urgentPages, long nowNanos) {
    if (postcopy != null) {
      postcopy.backgroundDone(urgentPages, nowNanos);
    }
  }

  /** Called regularly. */
  void tick(long nowNanos) {
    if (ended != null) {
      return;
    }
    if (postcopy == null) {
      failIf(handover.tick(nowNanos), nowNanos);
      return;
    }
    postcopy.tick(nowNanos);
    if (reconnectSchedule.isOver(nowNanos)) {
      failed(postcopy.describeLoss(nowNanos), nowNanos);
    }
  }

  /** What the source waits for, for the user; null for nothing that could be reported. */
  @Nullable PeerWait waiting(long nowNanos) {
    if (ended != null) {
      return null;
    }
    return postcopy == null ? handover.waiting(nowNanos) : postcopy.waiting(nowNanos);
  }

  /** Ends precopy and switches over as soon as possible. Dirty pages are sent afterwards. */
  void switchOverNow(long nowNanos) {
    failIf(handover.switchOverNow(nowNanos), nowNanos);
  }

  /** The user has ended the pause. */
  void resumeBulk(long nowNanos) {
    failIf(handover.resumeBulk(nowNanos), nowNanos);
  }

  /**
   * A connection was lost, or could not be established. After the commit point that does not end
   * the migration.
   */
  void lost(String why, long nowNanos) {
    end(why, true, nowNanos);
  }

  private void end(String why, boolean recoverable, long nowNanos) {
    if (postcopy == null || !recoverable) {
      failed(why, nowNanos);
    } else if (ended == null) {
      postcopy.lost(why, nowNanos);
    }
  }

  /** Ends the migration, and resumes the VM here. Does nothing after the commit point. */
  void cancel(long nowNanos) {
    if (postcopy == null) {
      finish(OutgoingState.CANCELLED, "the migration was cancelled at the source", nowNanos);
    }
  }

  /** Ends the migration with an error. */
  void failed(String why, long nowNanos) {
    String ofVm = postcopy == null && ended == null ? handover.describeEnd() : null;
    finish(OutgoingState.FAILED, ofVm == null ? why : ofVm, nowNanos);
  }

  private void failIf(@Nullable String why, long nowNanos) {
    if (why != null) {
      failed(why, nowNanos);
    }
  }

  private void finish(OutgoingState as, String why, long nowNanos) {
    if (ended != null) {
      return;
    }
    error = why;
    ended = as;
    times.endedNanos = nowNanos;
    if (postcopy == null) {
      error += handover.switchover().release();
    }
    stopLogging();
    link.send(ControlFrames.failure(why, false));
    link.ended();
  }

  private void stopLogging() {
    try {
      handover.rounds().close();
    } catch (RuntimeException e) { // must not prevent the end of the migration
      error = (error == null ? "" : error + "; ") + "the dirty log: " + e.getMessage();
    }
  }

  /**
   * Takes the next step of the switchover, if one is possible. Separate from {@link #received}
   * because it reads the clock between its steps.
   *
   * @param clock the source's clock in nanoseconds
   */
  void switchover(LongSupplier clock) {
    try {
      handover.step(clock);
    } catch (IOException | UncheckedIOException e) { // unchecked: of what runs the VM
      failed(String.valueOf(e.getMessage()), clock.getAsLong());
    }
  }

  private void ready(long nowNanos) throws WireException {
    handover.checkReady();
    try {
      ownershipLog.committed();
    } catch (IOException e) { // RUN must not be sent without a record of it
      failed(String.valueOf(e.getMessage()), nowNanos);
      return;
    }
    enterPostcopy().commit(nowNanos);
  }

  /**
   * Resumes a migration that an earlier source process has committed. Called instead of connecting.
   * All pages count as stale until the destination reports which ones it has.
   */
  void resumeCommitted(long nowNanos) {
    regions.markStale();
    enterPostcopy().lost("the previous source process has ended", nowNanos);
  }

  /** From here on the destination owns the VM. */
  private OutgoingPostcopy enterPostcopy() {
    Heartbeats ofControl = handover.heartbeats();
    postcopy =
        new OutgoingPostcopy(regions, link, times, reconnectSchedule, ofControl, this::stopLogging);
    return postcopy;
  }

  private void completed(long nowNanos) {
    times.endedNanos = nowNanos;
    ended = OutgoingState.COMPLETED;
    error = handover.switchover().completed();
    link.send(ControlFrames.goodbye());
    link.ended();
  }

  private WireException unexpected(String what) {
    return new WireException("an unexpected " + what + " during " + state());
  }
}
