package io.faultline.source;

import io.faultline.memory.Placement;
import io.faultline.proto.Capability;
import io.faultline.proto.FrameRehearsal;
import io.faultline.proto.Heartbeats;
import io.faultline.proto.Hellos;
import io.faultline.proto.LoopPoll;
import io.faultline.proto.NodeEnvironment;
import io.faultline.proto.PeerTimeouts;
import io.faultline.proto.PeerWait;
import io.faultline.proto.Polling;
import io.faultline.proto.Transport;
import io.faultline.proto.WaitReport;
import io.faultline.proto.WireException;
import io.faultline.proto.control.ControlOutcome;
import io.faultline.proto.wire.Frame;
import io.faultline.source.connect.ReconnectSchedule;
import io.faultline.source.recording.OutgoingRecording;
import io.netty.channel.IoEventLoop;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Connects the state machine of an outgoing migration to the event loops: passes it the events of
 * the current connections and the time, and carries out its effects. Confined to the control loop,
 * except for the methods that say otherwise.
 */
final class OutgoingController {
  private static final long TICK_MILLIS = 100;
  private static final long STOP_TIMEOUT_SECONDS = 2;

  private final NodeEnvironment environment;
  private final LoopPoll controlPoll;
  private final IoEventLoop controlLoop;
  private final IoEventLoop bulkLoop;
  private final OutgoingRegions regions;
  private final OutgoingCounters counters;
  private final ReconnectSchedule reconnectSchedule;
  private final PeerTimeouts timeouts;
  private final MigrationIdentity migrationIdentity;
  private final OutgoingConnector connector;
  private final OutgoingStreams streams;
  private final OutgoingMigration migration;
  private final OutgoingCommands commands;
  private final CompletableFuture<OutgoingReport> result = new CompletableFuture<>();
  private final PublishedProgress published;
  private final WaitReport waitReport = new WaitReport();
  private volatile Consumer<String> log = line -> {};

  /** The connections of the current attempt. Events of any others are ignored. */
  private OutgoingSession session = new OutgoingSession();

  OutgoingController(
      OutgoingVm vm,
      SourceSettings settings,
      ReconnectSettings reconnectSettings,
      MigrationIdentity migrationIdentity,
      NodeEnvironment environment,
      Polling polling,
      RateLimit limit,
      OutgoingCounters counters) {
    this.environment = environment;
    this.migrationIdentity = migrationIdentity;
    this.counters = counters;
    timeouts = reconnectSettings.timeouts();
    reconnectSchedule =
        new ReconnectSchedule(
            reconnectSettings.destinations(settings).size(),
            timeouts.giveUpAfter().toNanos(),
            environment.random()::nextDouble);
    reconnectSchedule.startAfter(migrationIdentity.attemptsBefore());
    controlPoll = new LoopPoll(polling);
    controlLoop = environment.newLoop("fl-src-control", controlPoll);
    bulkLoop = environment.newLoop("fl-src-bulk");
    connector =
        new OutgoingConnector(
            environment, controlLoop, bulkLoop, settings, reconnectSettings, migrationIdentity);
    regions = new OutgoingRegions(vm.regions(), settings.placement(), vm.neededFirst());
    streams = new OutgoingStreams(settings, regions, limit, counters, environment::nanoTime);
    migration =
        new OutgoingMigration(
            vm,
            regions,
            settings,
            new Link(),
            counters.bytesSent::sum,
            reconnectSchedule,
            migrationIdentity.ownershipLog(),
            environment.nanoTime());
    commands =
        new OutgoingCommands(
            migration, settings, limit, reconnectSchedule, connector, this::pushBulk);
    published = new PublishedProgress(regions, counters, limit, reconnectSchedule, report());
  }

  /** See {@link MigrationSource#setLog}. Any thread. */
  void setLog(Consumer<String> lines) {
    log = lines;
  }

  /** Starts the migration. Any thread. */
  CompletableFuture<OutgoingReport> start() {
    controlLoop.execute(guarded(this::begin));
    controlLoop.scheduleAtFixedRate(
        guarded(this::tick), TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    return result;
  }

  /** See {@link MigrationSource#switchOverNow}. Any thread. */
  void switchOverNow() {
    controlLoop.execute(guarded(() -> migration.switchOverNow(environment.nanoTime())));
  }

  /** A command of the user. */
  interface Command {
    ControlOutcome apply(OutgoingCommands commands, long nowNanos);
  }

  /** Carries out a command; its outcome is decided on the control loop. Any thread. */
  CompletableFuture<ControlOutcome> command(Command command) {
    CompletableFuture<ControlOutcome> outcome = new CompletableFuture<>();
    Runnable task =
        () -> {
          outcome.complete(command.apply(commands, environment.nanoTime()));
          migration.switchover(environment::nanoTime);
          publishState();
        };
    try {
      controlLoop.execute(guarded(task));
    } catch (RejectedExecutionException e) {
      outcome.complete(ControlOutcome.refused("too late: the node ends"));
    }
    return outcome;
  }

  /** The pause has ended, or a paused round was cut. */
  private void pushBulk() {
    BulkStream stream = session.stream();
    if (stream != null) {
      bulkLoop.execute(guarded(stream::push));
    }
  }

  /** See {@link MigrationSource#cancel}. Any thread. */
  void cancel() {
    controlLoop.execute(guarded(() -> migration.cancel(environment.nanoTime())));
  }

  /** Fails a migration that has not ended, and waits a short time for its end. Any thread. */
  void stop() {
    if (!result.isDone()) {
      controlLoop.execute(() -> failed("the source was closed"));
      result.completeOnTimeout(report(), STOP_TIMEOUT_SECONDS, TimeUnit.SECONDS).join();
    }
  }

  /** The state after the last event. Any thread. */
  OutgoingState state() {
    return published.state();
  }

  /** A snapshot of the progress. Any thread. */
  OutgoingProgress progress() {
    return published.progress(environment.nanoTime());
  }

  private OutgoingReport report() {
    return OutgoingReporter.report(
        migration, regions, counters, reconnectSchedule, environment.nanoTime());
  }

  private void begin() {
    FrameRehearsal.run();
    BitmapRehearsal.run();
    if (migrationIdentity.committed()) {
      migration.resumeCommitted(environment.nanoTime());
      publishState();
    } else {
      connect(Hellos.FIRST_ATTEMPT, 0);
    }
  }

  private void connect(int attempt, int address) {
    OutgoingSession next = new OutgoingSession();
    session = next;
    connector
        .connect(next, this, attempt, address)
        .whenCompleteAsync(
            (heartbeats, failure) -> connected(next, heartbeats, failure), controlLoop);
  }

  private void connected(
      OutgoingSession of, @Nullable Heartbeats heartbeats, @Nullable Throwable failure) {
    if (of != session || of.isClosed()) { // lost while it was connecting
      return;
    }
    if (heartbeats == null) {
      lost(of, OutgoingConnector.reason(failure));
      return;
    }
    guarded(
            () -> {
              Runnable timeUp = guarded(of::timeUp);
              streams.start(of, delay -> bulkLoop.schedule(timeUp, delay, TimeUnit.NANOSECONDS));
              published.connected(migration.settings().wire().channels());
              migration.connected(heartbeats, environment.nanoTime());
              publishState();
            })
        .run();
  }

  /** A control frame arrived. */
  void received(OutgoingSession from, Frame frame) throws WireException {
    if (from == session) {
      migration.received(frame, environment.nanoTime());
      migration.switchover(environment::nanoTime);
      publishState();
    }
  }

  /** A page request arrived. */
  void requested(OutgoingSession from, int region, long page) throws WireException {
    if (from == session) {
      migration.checkRequest();
      from.serve(region, page);
      controlPoll.expect(); // the guest's next request
    }
  }

  /** All requests of one read are answered. */
  void readComplete(OutgoingSession from) {
    if (from != session) {
      return;
    }
    if (migration.state() == OutgoingState.POSTCOPY) { // afterwards memory may be unmapped any time
      from.prefetch();
    }
    migration.peerAlive(environment.nanoTime());
  }

  /** A connection was closed. Any thread. */
  void closed(OutgoingSession from, String connection, Throwable cause) {
    String why = Transport.closeReason(connection, cause);
    if (Transport.isRecoverable(cause)) {
      lost(from, why);
    } else {
      failed(why);
    }
  }

  private void lost(OutgoingSession from, String why) {
    if (!controlLoop.inEventLoop()) {
      controlLoop.execute(() -> lost(from, why));
    } else if (from == session) {
      migration.lost(why, environment.nanoTime());
      publishState();
    }
  }

  private void failed(String why) {
    if (controlLoop.inEventLoop()) {
      migration.failed(why, environment.nanoTime());
      publishState();
    } else {
      controlLoop.execute(() -> failed(why));
    }
  }

  /** Wraps a task for either loop: if it throws, the migration fails. */
  private Runnable guarded(Runnable task) {
    return () -> {
      try {
        task.run();
      } catch (RuntimeException | Error e) {
        failed("internal error at the source: " + e);
      }
    };
  }

  private void tick() {
    long now = environment.nanoTime();
    migration.tick(now);
    PeerWait wait = waitReport.due(migration.waiting(now), now);
    if (wait != null) {
      String peer = "the destination " + connector.destination(reconnectSchedule.address());
      log.accept(wait.describe(peer, now));
    }
    publishState();
    published.tick(environment.nanoTime());
    published.publish(this::report, true);
  }

  private void publishState() {
    OutgoingState state = migration.state();
    published.publish(state);
    published.dirtied(migration.dirtyBytesPerSecond());
    published.publish(this::report, false);
    OutgoingRecording recording = migration.settings().recording();
    if (recording != null) {
      recording.state(state.toString(), environment.nanoTime(), published.outage().reason());
    }
  }

  /** Carries out the effects of the state machine on the current connections. */
  private final class Link implements OutgoingLink {
    @Override
    public void send(Frame frame) {
      session.send(frame);
    }

    @Override
    public void sendRun() {
      session.sendRun(regions.neededFirst());
    }

    @Override
    public void startRound(int round) {
      published.roundStarts(regions.dirtyBytes());
      onBulkLoop(stream -> stream.sendRound(round, whenSent(round)));
    }

    @Override
    public void cutRound() {
      session.cutRound();
      pushBulk(); // it may be paused
    }

    @Override
    public boolean canDiscardAhead() {
      return migration.settings().placement() == Placement.COPY
          && session.agreed().contains(Capability.DISCARD_AHEAD);
    }

    @Override
    public void discardAhead(int round) {
      onBulkLoop(stream -> stream.discardAhead(round, whenSent(round)));
    }

    private Runnable whenSent(int round) {
      Runnable sent = guarded(() -> migration.roundSent(round, environment.nanoTime()));
      return () -> controlLoop.execute(sent);
    }

    @Override
    public void sendDiscards() {
      onBulkLoop(BulkStream::sendDiscards);
    }

    @Override
    public void startBackgroundScan() {
      OutgoingSession of = session;
      of.setBulkTimeout(timeouts.silenceMillis());
      Runnable whenDone = guarded(() -> backgroundDone(of));
      onBulkLoop(stream -> stream.sendBackground(() -> controlLoop.execute(whenDone)));
    }

    private void backgroundDone(OutgoingSession of) {
      if (of == session) {
        migration.backgroundDone(of.urgentPages(), environment.nanoTime());
      }
    }

    private void onBulkLoop(Consumer<BulkStream> task) {
      BulkStream stream = Objects.requireNonNull(session.stream(), "not connected");
      bulkLoop.execute(guarded(() -> task.accept(stream)));
    }

    @Override
    public void memoryShort(boolean isShort) {
      session.setMemoryShort(isShort);
    }

    @Override
    public void disconnect() {
      session.close();
      published.connected(0);
      long delay = reconnectSchedule.retryNanos() - environment.nanoTime();
      controlLoop.schedule(guarded(OutgoingController.this::tick), delay, TimeUnit.NANOSECONDS);
    }

    @Override
    public void connect(int attempt, int address) {
      OutgoingController.this.connect(attempt, address);
    }

    @Override
    public void ended() {
      publishState();
      record();
      session.closeWhenSent();
      published.connected(0);
      result.complete(report());
    }

    private void record() {
      OutgoingRecording recording = migration.settings().recording();
      if (recording != null) {
        recording.ended(migration.times().milestones(migration.clockOffset().offsetNanos()));
      }
    }
  }
}
