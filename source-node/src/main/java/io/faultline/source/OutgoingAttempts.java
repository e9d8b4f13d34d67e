package io.faultline.source;

import io.faultline.proto.Heartbeats;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Starts the attempts of a migration, each with a session of its own: establishes its connections,
 * then starts its streams. Confined to the control loop.
 */
final class OutgoingAttempts {
  private final OutgoingDispatcher dispatcher;
  private final OutgoingLoops loops;
  private final OutgoingConnector connector;
  private final OutgoingStreams streams;

  OutgoingAttempts(
      OutgoingDispatcher dispatcher,
      OutgoingLoops loops,
      OutgoingConnector connector,
      OutgoingStreams streams) {
    this.dispatcher = dispatcher;
    this.loops = loops;
    this.connector = connector;
    this.streams = streams;
  }

  /**
   * Starts an attempt, which replaces the session of any earlier one.
   *
   * @param attempt its number
   * @param address the index of the destination's address
   */
  void start(int attempt, int address) {
    OutgoingSession next = new OutgoingSession();
    dispatcher.replaceSession(next);
    connector
        .connect(next, dispatcher, attempt, address)
        .whenCompleteAsync(
            (heartbeats, failure) -> connected(next, heartbeats, failure), loops.control());
  }

  private void connected(
      OutgoingSession of, @Nullable Heartbeats heartbeats, @Nullable Throwable failure) {
    if (of != dispatcher.session() || of.isClosed()) { // lost while it was connecting
      return;
    }
    if (heartbeats == null) {
      dispatcher.lost(of, OutgoingConnector.reason(failure));
      return;
    }
    dispatcher.guarded(() -> startStreams(of, heartbeats)).run();
  }

  private void startStreams(OutgoingSession of, Heartbeats heartbeats) {
    Runnable timeUp = dispatcher.guarded(of::timeUp);
    streams.start(of, delay -> loops.bulk().schedule(timeUp, delay, TimeUnit.NANOSECONDS));
    OutgoingMigration migration = dispatcher.migration();
    dispatcher.published().connected(migration.settings().wire().channels());
    migration.connected(heartbeats, dispatcher.now());
    dispatcher.publish();
  }
}
