package io.faultline.source;

import com.google.protobuf.ByteString;
import io.faultline.memory.Placement;
import io.faultline.proto.Capability;
import io.faultline.proto.FrameRehearsal;
import io.faultline.proto.FrameWriter;
import io.faultline.proto.Hellos;
import io.faultline.proto.LoopPoll;
import io.faultline.proto.Polling;
import io.faultline.proto.Transport;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Role;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.IoEventLoop;
import java.security.SecureRandom;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Migrates one VM away. Two threads: the <i>control loop</i> owns the state machine and answers
 * page requests from guest memory; the <i>bulk loop</i> pushes the rest. They share the sent bitmap
 * and counters, nothing else.
 *
 * <p>Before the commit point any failure leaves the VM running here; behind it the VM belongs to
 * the destination, and must not be run here again, however the migration ends.
 *
 * <p>Thread-safe. Use once.
 */
public final class MigrationSource implements AutoCloseable {
  private static final long TICK_MILLIS = 100;

  private final Transport transport = new Transport();
  private final LoopPoll controlPoll;
  private final IoEventLoop controlLoop;
  private final IoEventLoop bulkLoop = transport.newLoop("faultline-source-bulk");
  private final OutgoingCounters counters = new OutgoingCounters();
  private final CompletableFuture<OutgoingReport> result = new CompletableFuture<>();
  private final Placement placement;
  private final boolean afterRounds;
  private final PushOrder pushOrder;
  private final RateLimit limit;
  private final OutgoingRegions regions;
  private final OutgoingMigration migration;
  private final HelloClient client;
  private volatile OutgoingState state = OutgoingState.SETUP;

  // Set by the control loop before it lets the bulk loop start.
  private @Nullable Channel control;
  private @Nullable Channel bulk;
  private @Nullable UrgentPages urgent;
  private @Nullable GuestFollower follower;
  private @Nullable BulkStream stream;

  /**
   * Prepares the migration of a VM; nothing happens before {@link #start}.
   *
   * @param registry gets the meters, named {@code faultline.*}
   */
  public MigrationSource(OutgoingVm vm, SourceSettings settings, MeterRegistry registry) {
    this(vm, settings, registry, Polling.BLOCK);
  }

  /**
   * Prepares the migration of a VM; nothing happens before {@link #start}.
   *
   * @param registry gets the meters, named {@code faultline.*}
   * @param polling how the loop that answers requests waits
   */
  public MigrationSource(
      OutgoingVm vm, SourceSettings settings, MeterRegistry registry, Polling polling) {
    controlPoll = new LoopPoll(polling);
    controlLoop = transport.newLoop("faultline-source-control", controlPoll);
    placement = settings.placement();
    afterRounds = settings.mode().hasRounds();
    pushOrder = settings.pushOrder();
    limit = new RateLimit(settings.bandwidthBytesPerSecond());
    regions = new OutgoingRegions(vm.regions(), placement);
    migration =
        new OutgoingMigration(
            vm, regions, settings, new Link(), counters.bytesSent::sum, System.nanoTime());
    client =
        new HelloClient(
            transport, settings.destination(), newMigrationId(), settings.wire().capabilities());
    counters.register(registry);
  }

  /**
   * Starts the migration.
   *
   * @return how it ended; never completes exceptionally
   */
  public CompletableFuture<OutgoingReport> start() {
    controlLoop.execute(guarded(this::connect));
    controlLoop.scheduleAtFixedRate(
        guarded(this::tick), TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    return result;
  }

  /**
   * Limits what goes over the bulk connection from here on; any thread.
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

  /** How far it is; any thread. */
  public OutgoingProgress progress() {
    boolean committed = state == OutgoingState.POSTCOPY || state == OutgoingState.COMPLETED;
    return new OutgoingProgress(
        state,
        committed
            ? regions.totalPages() - regions.stalePages() + counters.pagesSent()
            : Math.min(regions.totalPages(), counters.precopied()),
        regions.totalPages(),
        counters.requests.sum(),
        counters.bytesSent.sum());
  }

  /** Ends the threads. A migration that has not ended fails first. */
  @Override
  public void close() {
    if (!result.isDone()) {
      controlLoop.execute(() -> failed("the source was closed"));
      result.completeOnTimeout(report(), 2, TimeUnit.SECONDS).join();
    }
    transport.close();
  }

  private static ByteString newMigrationId() {
    byte[] id = new byte[Hellos.MIGRATION_ID_BYTES];
    new SecureRandom().nextBytes(id);
    return ByteString.copyFrom(id);
  }

  private void connect() {
    FrameRehearsal.run();
    client
        .connect(Role.ROLE_CONTROL, controlLoop, new ControlReceiver(this))
        .thenCompose(
            channel -> {
              control = channel;
              return client.connect(Role.ROLE_BULK, bulkLoop, new BulkReceiver(this));
            })
        .whenCompleteAsync(this::connected, controlLoop);
  }

  private void connected(@Nullable Channel channel, @Nullable Throwable failure) {
    if (channel == null || control == null) {
      failed(messageOf(failure));
      return;
    }
    if (migration.state().isFinal()) { // it failed while this connection was made
      channel.close();
      return;
    }
    bulk = channel;
    startStreams(control, channel);
    migration.connected(System.nanoTime());
    afterEvent();
  }

  private void startStreams(Channel controlChannel, Channel bulkChannel) {
    boolean tellCurrent = placement == Placement.CONTINUE;
    boolean checked = client.agreed().contains(Capability.CRC32C);
    ChannelPageSink urgentSink = new ChannelPageSink(controlChannel, counters, checked, null);
    urgent = new UrgentPages(regions, tellCurrent, urgentSink, counters);
    AccessHints hints = new AccessHints();
    FaultDensity density = new FaultDensity(regions, afterRounds);
    follower = new GuestFollower(regions, urgent, hints, density, limit, pushOrder.prefetch());
    CompressionMode mode = migration.settings().wire().compression();
    RunCompressor with =
        new RunCompressor(mode, client.agreed(), limit, counters, System::nanoTime);
    bulkChannel.closeFuture().addListener(closed -> with.close());
    ChannelPageSink sink = new ChannelPageSink(bulkChannel, counters, checked, with);
    ScanOrder order = new ScanOrder(regions, hints, pushOrder);
    stream = new BulkStream(regions, placement, sink, counters, limit, order, this::wakeBulk);
  }

  /** Control loop: a control frame. */
  void received(Frame frame) throws WireException {
    migration.received(frame, System.nanoTime());
    migration.switchover(System::nanoTime);
    afterEvent();
  }

  /** Control loop: a page request. */
  void requested(int region, long page) throws WireException {
    migration.checkRequest();
    if (urgent != null && follower != null) {
      urgent.serve(region, page);
      follower.requested(region, page);
      controlPoll.expect(); // the guest's next
    }
  }

  /** Control loop: all requests of one read are answered. */
  void sendAnswers() {
    if (control != null) {
      control.flush();
    }
  }

  /** Control loop: behind the answers. */
  void followGuest() {
    if (control == null || follower == null) {
      return;
    }
    // Once it has ended, the VM's memory may go at any time.
    if (migration.state() == OutgoingState.POSTCOPY && follower.followUp()) {
      control.flush();
    }
  }

  /** Bulk loop: there is room to send. */
  void bulkWritable() {
    if (stream != null) {
      stream.push();
    }
  }

  private void wakeBulk(long nanos) {
    bulkLoop.schedule(
        guarded(
            () -> {
              if (stream != null) {
                stream.timeUp();
              }
            }),
        nanos,
        TimeUnit.NANOSECONDS);
  }

  /** Any thread: a connection is gone, or something broke. */
  void failed(String why) {
    if (controlLoop.inEventLoop()) {
      migration.failed(why, System.nanoTime());
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

  private void backgroundDone() {
    if (urgent != null) {
      migration.backgroundDone(urgent.pagesSent());
    }
  }

  private void tick() {
    migration.tick(System.nanoTime());
    afterEvent();
  }

  private void afterEvent() {
    state = migration.state();
  }

  private OutgoingReport report() {
    return OutgoingReports.of(migration, regions, counters);
  }

  private static String messageOf(@Nullable Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return cause == null ? "the connection was not made" : String.valueOf(cause.getMessage());
  }

  /** The state machine's hands. */
  private final class Link implements OutgoingLink {
    @Override
    public void send(Frame frame) {
      if (control != null) {
        control.writeAndFlush(FrameWriter.frame(control.alloc(), frame));
      }
    }

    @Override
    public void startRound(int round) {
      onBulkLoop(bulk -> bulk.sendRound(round));
    }

    @Override
    public void cutRound() {
      if (stream != null) {
        stream.cutRound();
      }
    }

    @Override
    public void sendDiscards() {
      onBulkLoop(BulkStream::sendDiscards);
    }

    @Override
    public void startBackground() {
      onBulkLoop(
          bulk ->
              bulk.sendBackground(
                  () -> controlLoop.execute(guarded(MigrationSource.this::backgroundDone))));
    }

    private void onBulkLoop(Consumer<BulkStream> task) {
      BulkStream to = Objects.requireNonNull(stream, "not connected");
      bulkLoop.execute(guarded(() -> task.accept(to)));
    }

    @Override
    public void ended() {
      state = migration.state();
      if (stream != null) {
        stream.stop();
      }
      if (bulk != null) {
        bulk.close();
      }
      if (control != null) {
        control.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
      }
      result.complete(report());
    }
  }
}
