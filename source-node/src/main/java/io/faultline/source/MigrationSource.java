package io.faultline.source;

import io.faultline.memory.Placement;
import io.faultline.proto.Capability;
import io.faultline.proto.FrameRehearsal;
import io.faultline.proto.Hellos;
import io.faultline.proto.LoopPoll;
import io.faultline.proto.NodeHost;
import io.faultline.proto.Patience;
import io.faultline.proto.Polling;
import io.faultline.proto.Pulse;
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

  private final NodeHost host;
  private final LoopPoll controlPoll;
  private final IoEventLoop controlLoop;
  private final IoEventLoop bulkLoop;
  private final OutgoingCounters counters = new OutgoingCounters();
  private final CompletableFuture<OutgoingReport> result = new CompletableFuture<>();
  private final RateLimit limit;
  private final OutgoingRegions regions;
  private final OutgoingMigration migration;
  private final Reconnector reconnector;
  private final Patience patience;
  private final Continuity continuity;
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
        Reconnecting.DEFAULT,
        Continuity.ofThisProcess(),
        new Transport());
  }

  /**
   * Prepares the migration of a VM; nothing happens before {@link #start}.
   *
   * @param registry gets the meters, named {@code faultline.*}
   * @param polling how the loop that answers requests waits
   * @param reconnecting what to do where the destination is lost behind the commit point
   * @param continuity what makes it one migration with those of earlier processes
   * @param host what it runs on, as a rule a {@link Transport}; closed with this
   * @throws IllegalArgumentException where the settings' security does not allow an address
   */
  public MigrationSource(
      OutgoingVm vm,
      SourceSettings settings,
      MeterRegistry registry,
      Polling polling,
      Reconnecting reconnecting,
      Continuity continuity,
      NodeHost host) {
    this.host = host;
    reconnecting.destinations(settings).forEach(settings.security()::require);
    this.continuity = continuity;
    Reconnecting patient = reconnecting.withMemory(vm.regions());
    patience = patient.patience();
    reconnector =
        new Reconnector(
            reconnecting.destinations(settings).size(),
            patience.giveUpAfter().toNanos(),
            host.random()::nextDouble);
    reconnector.startBehind(continuity.attemptsBefore());
    controlPoll = new LoopPoll(polling);
    controlLoop = host.newLoop("fl-src-control", controlPoll);
    bulkLoop = host.newLoop("fl-src-bulk");
    limit = new RateLimit(settings.bandwidthBytesPerSecond());
    connector = new OutgoingConnector(host, controlLoop, bulkLoop, settings, patient, continuity);
    regions = new OutgoingRegions(vm.regions(), settings.placement(), vm.neededFirst());
    streams = new OutgoingStreams(settings, regions, limit, counters, host::nanoTime);
    migration =
        new OutgoingMigration(
            vm,
            regions,
            settings,
            new Link(),
            counters.bytesSent::sum,
            reconnector,
            continuity.ledger(),
            host.nanoTime());
    counters.register(registry, reconnector.recoveries());
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
    return OutgoingReports.progress(state, regions, counters, outage, host.nanoTime());
  }

  /** Ends the threads. A migration that has not ended fails first. */
  @Override
  public void close() {
    if (!result.isDone()) {
      controlLoop.execute(() -> failed("the source was closed"));
      OutgoingReport late = OutgoingReports.of(migration, regions, counters, reconnector);
      result.completeOnTimeout(late, 2, TimeUnit.SECONDS).join();
    }
    host.close();
  }

  private void begin() {
    FrameRehearsal.run();
    BitmapRehearsal.run();
    if (continuity.committed()) {
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
        .whenCompleteAsync((pulse, failure) -> connected(next, pulse, failure), controlLoop);
  }

  private void connected(OutgoingSession of, @Nullable Pulse pulse, @Nullable Throwable failure) {
    if (of != session || of.isClosed()) { // it was lost while this connection was made
      return;
    }
    if (pulse == null) {
      lost(of, OutgoingConnector.reason(failure));
      return;
    }
    guarded(
            () -> {
              Runnable push = guarded(of::timeUp);
              streams.start(of, pause -> bulkLoop.schedule(push, pause, TimeUnit.NANOSECONDS));
              migration.connected(pulse, host.nanoTime());
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
    String why = Transport.whyGone(connection, cause);
    if (Transport.isPassing(cause)) {
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
    outage = Outage.of(state, reconnector);
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
      of.giveUpSilentBulk(patience.silenceMillis());
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
      long pause = reconnector.retryNanos() - host.nanoTime();
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
      result.complete(OutgoingReports.of(migration, regions, counters, reconnector));
    }
  }
}
