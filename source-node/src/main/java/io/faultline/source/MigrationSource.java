package io.faultline.source;

import io.faultline.memory.Placement;
import io.faultline.proto.Capability;
import io.faultline.proto.FrameRehearsal;
import io.faultline.proto.Heartbeats;
import io.faultline.proto.Hellos;
import io.faultline.proto.LoopPoll;
import io.faultline.proto.NodeEnvironment;
import io.faultline.proto.PeerTimeouts;
import io.faultline.proto.Polling;
import io.faultline.proto.Transport;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Frame;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.IoEventLoop;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Migrates one VM away. Two threads: the <i>control loop</i> owns the state machine and answers
 * page requests from guest memory; the <i>bulk loop</i> pushes the rest. They share the sent bitmap
 * and counters, nothing else.
 *
 * <p>Before the commit point any failure leaves the VM running here; behind it the VM belongs to
 * the destination, and must not be run here again, however the migration ends. A connection that is
 * lost behind it is made again.
 *
 * <p>Thread-safe. Use once.
 */
public final class MigrationSource implements AutoCloseable {
  private static final long TICK_MILLIS = 100;

  private final NodeEnvironment host;
  private final LoopPoll controlPoll;
  private final IoEventLoop controlLoop;
  private final IoEventLoop bulkLoop;
  private final OutgoingCounters counters = new OutgoingCounters();
  private final CompletableFuture<OutgoingReport> result = new CompletableFuture<>();
  private final RateLimit limit;
  private final OutgoingRegions regions;
  private final OutgoingMigration migration;
  private final ReconnectSchedule reconnectSchedule;
  private final PeerTimeouts timeouts;
  private final MigrationIdentity migrationIdentity;
  private final OutgoingConnector connector;
  private final OutgoingStreams streams;
  private volatile OutgoingState state = OutgoingState.SETUP;
  private volatile Outage outage = Outage.NONE;

  /** The control loop's: the connections that count. */
  private OutgoingSession session = new OutgoingSession();

  /**
   * Prepares the migration of a VM, which ends with this process; else as the other constructor.
   */
  public MigrationSource(OutgoingVm vm, SourceSettings settings, MeterRegistry registry) {
    this(
        vm,
        settings,
        registry,
        Polling.BLOCK,
        ReconnectSettings.DEFAULT,
        MigrationIdentity.ofThisProcess(),
        new Transport());
  }

  /**
   * Prepares the migration of a VM; nothing happens before {@link #start}.
   *
   * @param registry gets the meters, named {@code faultline.*}
   * @param polling how the loop that answers requests waits
   * @param reconnectSettings what to do where the destination is lost behind the commit point
   * @param migrationIdentity what makes it one migration with those of earlier processes
   * @param host what it runs on, as a rule a {@link Transport}; closed with this
   * @throws IllegalArgumentException where the settings' security does not allow an address
   */
  public MigrationSource(
      OutgoingVm vm,
      SourceSettings settings,
      MeterRegistry registry,
      Polling polling,
      ReconnectSettings reconnectSettings,
      MigrationIdentity migrationIdentity,
      NodeEnvironment host) {
    this.host = host;
    reconnectSettings.destinations(settings).forEach(settings.security()::require);
    this.migrationIdentity = migrationIdentity;
    ReconnectSettings patient = reconnectSettings.withMemory(vm.regions());
    timeouts = patient.timeouts();
    reconnectSchedule =
        new ReconnectSchedule(
            reconnectSettings.destinations(settings).size(),
            timeouts.giveUpAfter().toNanos(),
            host.random()::nextDouble);
    reconnectSchedule.startBehind(migrationIdentity.attemptsBefore());
    controlPoll = new LoopPoll(polling);
    controlLoop = host.newLoop("fl-src-control", controlPoll);
    bulkLoop = host.newLoop("fl-src-bulk");
    limit = new RateLimit(settings.bandwidthBytesPerSecond());
    connector =
        new OutgoingConnector(host, controlLoop, bulkLoop, settings, patient, migrationIdentity);
    regions = new OutgoingRegions(vm.regions(), settings.placement(), vm.neededFirst());
    streams = new OutgoingStreams(settings, regions, limit, counters, host::nanoTime);
    migration =
        new OutgoingMigration(
            vm,
            regions,
            settings,
            new Link(),
            counters.bytesSent::sum,
            reconnectSchedule,
            migrationIdentity.ownershipLog(),
            host.nanoTime());
    counters.register(registry, reconnectSchedule.recoveries());
  }

  /**
   * Starts the migration.
   *
   * @return how it ended; never completes exceptionally
   */
  public CompletableFuture<OutgoingReport> start() {
    controlLoop.execute(guarded(this::begin));
    controlLoop.scheduleAtFixedRate(
        guarded(this::tick), TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    return result;
  }

  /**
   * Limits what goes over the bulk connections together, from here on; any thread.
   *
   * @param bytesPerSecond at least 1; {@link SourceSettings#UNLIMITED} for no limit
   */
  public void setBandwidth(long bytesPerSecond) {
    limit.set(bytesPerSecond);
  }

  /**
   * Ends precopy as soon as can be, and switches over: what is left follows behind. Does nothing
   * outside {@link OutgoingState#PRECOPY}. Any thread.
   */
  public void switchOverNow() {
    controlLoop.execute(guarded(migration::switchOverNow));
  }

  /**
   * Ends the migration wherever it stands before the commit point, and the VM goes on here: {@link
   * OutgoingState#CANCELLED}. Does nothing behind it. Any thread.
   */
  public void cancel() {
    controlLoop.execute(guarded(() -> migration.cancel(host.nanoTime())));
  }

  /** How far it is; any thread. */
  public OutgoingProgress progress() {
    return OutgoingReporter.progress(state, regions, counters, outage, host.nanoTime());
  }

  /** Ends the threads. A migration that has not ended fails first. */
  @Override
  public void close() {
    if (!result.isDone()) {
      controlLoop.execute(() -> failed("the source was closed"));
      OutgoingReport late = OutgoingReporter.of(migration, regions, counters, reconnectSchedule);
      result.completeOnTimeout(late, 2, TimeUnit.SECONDS).join();
    }
    host.close();
  }

  private void begin() {
    FrameRehearsal.run();
    BitmapRehearsal.run();
    if (migrationIdentity.committed()) {
      migration.takeUp(host.nanoTime());
      afterEvent();
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
    if (of != session || of.isClosed()) { // it was lost while this connection was made
      return;
    }
    if (heartbeats == null) {
      lost(of, OutgoingConnector.reason(failure));
      return;
    }
    guarded(
            () -> {
              Runnable push = guarded(of::timeUp);
              streams.start(of, pause -> bulkLoop.schedule(push, pause, TimeUnit.NANOSECONDS));
              migration.connected(heartbeats, host.nanoTime());
              afterEvent();
            })
        .run();
  }

  /** Control loop: a control frame. */
  void received(OutgoingSession from, Frame frame) throws WireException {
    if (from == session) {
      migration.received(frame, host.nanoTime());
      migration.switchover(host::nanoTime);
      afterEvent();
    }
  }

  /** Control loop: a page request. */
  void requested(OutgoingSession from, int region, long page) throws WireException {
    if (from == session) {
      migration.checkRequest();
      from.serve(region, page);
      controlPoll.expect(); // the guest's next
    }
  }

  /** Control loop: all requests of one read are answered. */
  void readComplete(OutgoingSession from) {
    if (from != session) {
      return;
    }
    if (migration.state() == OutgoingState.POSTCOPY) { // once it ends, memory may go at any time
      from.followUp();
    }
    migration.heard(host.nanoTime());
  }

  /** Any thread: a connection is gone. */
  void gone(OutgoingSession from, String connection, Throwable cause) {
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
      migration.lost(why, host.nanoTime());
      afterEvent();
    }
  }

  private void failed(String why) {
    if (controlLoop.inEventLoop()) {
      migration.failed(why, host.nanoTime());
      afterEvent();
    } else {
      controlLoop.execute(() -> failed(why));
    }
  }

  /** A task of either loop; what it throws fails the migration, and does not end in a log. */
  private Runnable guarded(Runnable task) {
    return () -> {
      try {
        task.run();
      } catch (RuntimeException | Error e) {
        failed("the source broke: " + e);
      }
    };
  }

  private void tick() {
    migration.tick(host.nanoTime());
    afterEvent();
  }

  private void afterEvent() {
    state = migration.state();
    outage = Outage.of(state, reconnectSchedule);
  }

  /** The state machine's hands. */
  private final class Link implements OutgoingLink {
    @Override
    public void send(Frame frame) {
      session.send(frame);
    }

    @Override
    public void run() {
      session.run(regions.neededFirst());
    }

    @Override
    public void startRound(int round) {
      onBulkLoop(bulk -> bulk.sendRound(round));
    }

    @Override
    public void cutRound() {
      session.cutRound();
    }

    @Override
    public boolean canDiscardAhead() {
      return migration.settings().placement() == Placement.COPY
          && session.agreed().contains(Capability.DISCARD_AHEAD);
    }

    @Override
    public void discardAhead(int round) {
      onBulkLoop(bulk -> bulk.discardAhead(round));
    }

    @Override
    public void sendDiscards() {
      onBulkLoop(BulkStream::sendDiscards);
    }

    @Override
    public void startBackground() {
      OutgoingSession of = session;
      of.giveUpSilentBulk(timeouts.silenceMillis());
      onBulkLoop(bulk -> bulk.sendBackground(() -> controlLoop.execute(guarded(() -> pushed(of)))));
    }

    private void pushed(OutgoingSession of) {
      if (of == session) {
        migration.backgroundDone(of.urgentPages());
      }
    }

    private void onBulkLoop(Consumer<BulkStream> task) {
      BulkStream to = Objects.requireNonNull(session.stream(), "not connected");
      bulkLoop.execute(guarded(() -> task.accept(to)));
    }

    @Override
    public void disconnect() {
      session.close();
      long pause = reconnectSchedule.retryNanos() - host.nanoTime();
      controlLoop.schedule(guarded(MigrationSource.this::tick), pause, TimeUnit.NANOSECONDS);
    }

    @Override
    public void connect(int attempt, int address) {
      MigrationSource.this.connect(attempt, address);
    }

    @Override
    public void ended() {
      state = migration.state();
      session.closeWhenSent();
      result.complete(OutgoingReporter.of(migration, regions, counters, reconnectSchedule));
    }
  }
}
