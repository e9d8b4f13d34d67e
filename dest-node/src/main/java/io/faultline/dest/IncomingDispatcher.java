package io.faultline.dest;

import io.faultline.proto.WireException;
import io.netty.util.concurrent.EventExecutor;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Passes events to the state machine on the control loop, if the session that they belong to is
 * still the current one, and publishes the progress after each. An event that throws ends the
 * connections (what the peer sent is wrong) or the migration (this side is broken).
 *
 * <p>Confined to the control loop, except for methods that say otherwise.
 */
final class IncomingDispatcher {
  private final EventExecutor controlLoop;
  private final LongSupplier clock;
  private final PublishedProgress published;
  private final CompletableFuture<IncomingReport> result = new CompletableFuture<>();
  private final Supplier<IncomingReport> reports = this::report; // publishing allocates none
  private @Nullable IncomingSession session;
  private @Nullable IncomingMigration migration;

  /**
   * @param clock in nanoseconds
   */
  IncomingDispatcher(EventExecutor controlLoop, LongSupplier clock, PublishedProgress published) {
    this.controlLoop = controlLoop;
    this.clock = clock;
    this.published = published;
  }

  /** The first session: the migration begins. */
  void begin(IncomingMigration first, IncomingSession of) {
    migration = first;
    session = of;
  }

  /** The connections of a later attempt replace all earlier ones. */
  void replaceSession(IncomingSession next) {
    session = next;
  }

  /** The state machine; null before the first session. */
  @Nullable IncomingMigration migration() {
    return migration;
  }

  /** The session of the current attempt; null before the first. */
  @Nullable IncomingSession session() {
    return session;
  }

  /** The session of the current attempt, which must exist. */
  IncomingSession current() {
    return Objects.requireNonNull(session, "no connection");
  }

  long now() {
    return clock.getAsLong();
  }

  /** Any thread. */
  CompletableFuture<IncomingReport> result() {
    return result;
  }

  /** Any thread. */
  IncomingState state() {
    return published.state();
  }

  /** Any thread: passes an event to the state machine, if its session is still the current one. */
  void onMigration(IncomingSession from, MigrationTask task) {
    if (controlLoop.inEventLoop()) {
      guarded(() -> applyIfCurrent(from, task));
    } else {
      submit(() -> onMigration(from, task));
    }
  }

  /** Any thread: runs a task on the control loop, later; drops it if the node has ended. */
  void later(IncomingLink.Task task) {
    submit(() -> now(task));
  }

  /** Runs a task of the state machine. */
  void now(IncomingLink.Task task) {
    guarded(task);
    guarded(() -> apply(at -> {})); // it may have led to another state
  }

  /** Drops a task if the node has ended: a VM was still starting, or a connection arrived late. */
  private void submit(Runnable task) {
    try {
      controlLoop.execute(task);
    } catch (RejectedExecutionException e) {
      // the result is complete
    }
  }

  /** Any thread: something broke on this side. */
  void failed(String why) {
    if (!controlLoop.inEventLoop()) {
      submit(() -> failed(why));
    } else if (migration != null) {
      lastResort(migration, why);
    } else if (result.complete(IncomingReport.unknown(why, false))) { // before the first session
      published.publish(IncomingState.FAILED);
    }
  }

  /** Ends the migration even if what ends it is broken, too: nobody waits forever. */
  private void lastResort(IncomingMigration of, String why) {
    try {
      of.broke(why, now());
      publish(false);
    } catch (RuntimeException | Error e) {
      result.completeExceptionally(
          new IllegalStateException(why + "; internal error at the destination: " + e, e));
    }
  }

  /** Runs a task, whose failure ends the connections or the migration. */
  void guarded(IncomingLink.Task task) {
    try {
      task.run();
    } catch (WireException e) {
      String why = String.valueOf(e.getMessage());
      guarded(() -> apply(of -> of.lost(why, true, now())));
    } catch (RuntimeException e) {
      failed(String.valueOf(e.getMessage()));
    } catch (Error e) {
      failed("the destination broke: " + e);
    }
  }

  /** Passes an event of a session to the state machine, if the session is still the current one. */
  void applyIfCurrent(IncomingSession from, MigrationTask task) throws WireException {
    if (from == session && !from.isClosed()) {
      apply(task);
    }
  }

  /** Passes an event to the state machine, once there is one. */
  void apply(MigrationTask task) throws WireException {
    if (migration != null) {
      task.run(migration);
      migration.handled(now());
      publish(false);
    }
  }

  private IncomingReport report() {
    return Objects.requireNonNull(migration, "not begun").report(now());
  }

  /**
   * Publishes the progress for any thread.
   *
   * @param regularly whether the report is renewed although the state is the same
   */
  void publish(boolean regularly) {
    IncomingMigration of = migration;
    if (of != null) {
      published.publish(of.state());
      published.missing(of.missingPages());
      published.connected(session == null || of.state().isFinal() ? 0 : session.connections());
      published.publish(reports, regularly);
    }
  }
}
