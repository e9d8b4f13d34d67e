package io.faultline.source;

import io.faultline.memory.UnreadableMemoryException;
import io.faultline.proto.Transport;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Frame;
import io.faultline.source.recording.OutgoingRecording;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Passes the events of the current session to the state machine on the control loop, and publishes
 * the progress after each. Events of earlier sessions are ignored; a task that throws ends the
 * migration.
 *
 * <p>Confined to the control loop, except for the methods that say otherwise.
 */
final class OutgoingDispatcher {
  /**
   * Between two pieces of what is prefetched: a little longer than a guest takes that requests one
   * page after the other. Such a guest would wait for every piece.
   */
  private static final long PIECE_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

  private final OutgoingLoops loops;
  private final LongSupplier clock;
  private final CompletableFuture<OutgoingReport> result = new CompletableFuture<>();
  private final Supplier<OutgoingReport> reports = this::report; // publishing allocates none
  private final Runnable nextPiece = guarded(this::pieceDue);
  private volatile @Nullable Migration migration;

  /** When the next piece of what is prefetched is due, if there is one. */
  private long nextPieceNanos;

  private boolean pieceScheduled;

  /** The connections of the current attempt. Events of any others are ignored. */
  private OutgoingSession session = new OutgoingSession();

  /** The state machine, and what any thread may know about it. */
  private record Migration(
      OutgoingMigration machine, OutgoingReporter reporter, PublishedProgress published) {}

  /**
   * @param clock in nanoseconds
   */
  OutgoingDispatcher(OutgoingLoops loops, LongSupplier clock) {
    this.loops = loops;
    this.clock = clock;
  }

  /** Sets the state machine; before anything else happens. */
  void begin(OutgoingMigration machine, OutgoingReporter reporter, PublishedProgress published) {
    migration = new Migration(machine, reporter, published);
  }

  private Migration of() {
    return Objects.requireNonNull(migration, "not begun");
  }

  OutgoingMigration migration() {
    return of().machine();
  }

  /** What any thread may know. Any thread. */
  PublishedProgress published() {
    return of().published();
  }

  /** The connections of the current attempt. */
  OutgoingSession session() {
    return session;
  }

  /** The connections of a new attempt replace all earlier ones. */
  void replaceSession(OutgoingSession next) {
    session = next;
  }

  /** Any thread. */
  long now() {
    return clock.getAsLong();
  }

  /** How the migration ended. Any thread. */
  CompletableFuture<OutgoingReport> result() {
    return result;
  }

  /** The state after the last event. Any thread. */
  OutgoingState state() {
    return published().state();
  }

  OutgoingReport report() {
    return of().reporter().report(now());
  }

  /** A control frame arrived. */
  void received(OutgoingSession from, Frame frame) throws WireException {
    if (from == session) {
      migration().received(frame, now());
      switchoverAndPublish();
    }
  }

  /** Takes the next step of the switchover, if there is one, and publishes the progress. */
  void switchoverAndPublish() {
    migration().switchover(clock);
    publish();
  }

  /** A page request arrived. */
  void requested(OutgoingSession from, int region, long page) throws WireException {
    if (from == session) {
      migration().checkRequest();
      from.serve(region, page);
      loops.controlPoll().expect(); // the guest's next request
    }
  }

  /** All requests of one read are answered. */
  void readComplete(OutgoingSession from) {
    if (from != session) {
      return;
    }
    prefetch();
    migration().peerAlive(now());
  }

  /** A piece for each request, and the other pieces while the guest requests nothing. */
  private void prefetch() {
    boolean running = migration().state() == OutgoingState.POSTCOPY; // else memory may be unmapped
    if (running && session.prefetch()) {
      nextPieceNanos = now() + PIECE_NANOS;
      schedulePiece(PIECE_NANOS);
    }
  }

  private void schedulePiece(long delayNanos) {
    if (!pieceScheduled) {
      pieceScheduled = true;
      loops.control().schedule(nextPiece, delayNanos, TimeUnit.NANOSECONDS);
    }
  }

  private void pieceDue() {
    pieceScheduled = false;
    long left = nextPieceNanos - now();
    if (left > 0) { // a request came meanwhile, with a piece of its own
      schedulePiece(left);
    } else {
      prefetch();
    }
  }

  /** A connection was closed. Any thread. */
  void closed(OutgoingSession from, String connection, Throwable cause) {
    String why =
        cause instanceof UnreadableMemoryException
            ? String.valueOf(cause.getMessage())
            : Transport.closeReason(connection, cause);
    if (Transport.isRecoverable(cause)) {
      lost(from, why);
    } else {
      failed(why);
    }
  }

  /** A connection was lost, or could not be established. Any thread. */
  void lost(OutgoingSession from, String why) {
    if (!loops.control().inEventLoop()) {
      loops.control().execute(() -> lost(from, why));
    } else if (from == session) {
      lastResort(why, () -> migration().lost(why, now()));
    }
  }

  /** Something broke at this side. Any thread. */
  void failed(String why) {
    if (loops.control().inEventLoop()) {
      lastResort(why, () -> migration().failed(why, now()));
    } else {
      loops.control().execute(() -> failed(why));
    }
  }

  /** Ends the migration even if what ends it is broken, too: nobody waits forever. */
  private void lastResort(String why, Runnable end) {
    try {
      end.run();
      publish();
    } catch (RuntimeException | Error e) {
      result.completeExceptionally(
          new IllegalStateException(why + "; internal error at the source: " + e, e));
    }
  }

  /** Wraps a task for either loop: if it throws, the migration fails. Any thread. */
  Runnable guarded(Runnable task) {
    return () -> {
      try {
        task.run();
      } catch (UnreadableMemoryException e) { // its store has failed, not this program
        failed(String.valueOf(e.getMessage()));
      } catch (RuntimeException | Error e) {
        failed("internal error at the source: " + e);
      }
    };
  }

  /** Runs a task on the bulk loop, with the stream of the session, which must be connected. */
  void onBulkLoop(Consumer<BulkStream> task) {
    BulkStream stream = Objects.requireNonNull(session.stream(), "not connected");
    loops.bulk().execute(guarded(() -> task.accept(stream)));
  }

  /** Lets the bulk connections go on: a pause has ended, or a paused round was cut. */
  void pushBulk() {
    BulkStream stream = session.stream();
    if (stream != null) {
      loops.bulk().execute(guarded(stream::push));
    }
  }

  /** Called regularly. */
  void tick() {
    migration().tick(now());
    publish();
    published().tick(now());
    published().publish(reports, true);
  }

  /** Publishes and records the state after an event. */
  void publish() {
    OutgoingMigration machine = migration();
    PublishedProgress published = published();
    OutgoingState state = machine.state();
    published.publish(state);
    published.dirtied(machine.handover().rounds().dirtyBytesPerSecond());
    published.publish(reports, false);
    OutgoingRecording recording = machine.settings().recording();
    if (recording != null) {
      recording.state(state.toString(), now(), published.outage().reason());
    }
  }
}
