package io.faultline.dest;

import io.faultline.memory.MemoryRegion;
import io.faultline.proto.Capability;
import io.faultline.proto.FrameRehearsal;
import io.faultline.proto.FrameWriter;
import io.faultline.proto.LoopPoll;
import io.faultline.proto.Polling;
import io.faultline.proto.Transport;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Hello;
import io.faultline.uffd.Kernel;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.IoEventLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes one VM in. Two threads: the <i>control loop</i> is the fault reader, which polls the
 * userfaultfd itself and owns the urgent connection and the state machine; the <i>bulk loop</i> is
 * the background transfer. Neither keeps any state for a page.
 *
 * <p>Connections that are not from a source are turned away, and the destination goes on listening.
 *
 * <p>Thread-safe. Use once.
 */
public final class MigrationDestination implements AutoCloseable {
  private static final long TICK_MILLIS = 100;

  /** More than stopping the vCPUs may take. */
  private static final long CLOSE_SECONDS = 15;

  /** As much as a frame of the background stream, so that few pages are split over two reads. */
  private static final int READ_BYTES = 256 << 10;

  private final Kernel kernel;
  private final IncomingVm vm;
  private final Consumer<String> log;
  private final Transport transport = new Transport();
  private final IoEventLoop acceptLoop = transport.newLoop("faultline-dest-accept");
  private final LoopPoll controlPoll;
  private final IoEventLoop controlLoop;
  private final IoEventLoop bulkLoop = transport.newLoop("faultline-dest-bulk");
  private final Door door;
  private final IncomingCounters counters = new IncomingCounters();
  private final CompletableFuture<IncomingReport> result = new CompletableFuture<>();
  private volatile IncomingState state = IncomingState.LISTENING;

  // The control loop's; the watch is read by the bulk loop too, which starts after it is there.
  private @Nullable Channel control;
  private @Nullable Channel bulk;
  private Set<Capability> agreed = Set.of();
  private @Nullable IncomingMigration migration;
  private @Nullable UserfaultfdPoll poll;
  private volatile @Nullable MemoryWatch watch;
  private volatile @Nullable BulkIntake intake;

  /** Its loops sleep when there is nothing to do; else as the other constructor. */
  public MigrationDestination(
      Kernel kernel, IncomingVm vm, MeterRegistry registry, Consumer<String> log) {
    this(kernel, vm, registry, log, Polling.BLOCK);
  }

  /**
   * Prepares to take in a VM; nothing happens before {@link #listen}.
   *
   * @param registry gets the meters, named {@code faultline.*}
   * @param log gets a line for each connection that is turned away
   * @param polling how the fault reader waits
   */
  public MigrationDestination(
      Kernel kernel, IncomingVm vm, MeterRegistry registry, Consumer<String> log, Polling polling) {
    this.kernel = kernel;
    this.vm = vm;
    this.log = log;
    controlPoll = new LoopPoll(polling);
    controlLoop = transport.newLoop("faultline-dest-faults", controlPoll);
    door = new Door(this, controlLoop, bulkLoop);
    counters.register(registry);
  }

  /**
   * Listens for a source.
   *
   * @return the address, with the port that was chosen where 0 was asked for
   * @throws IOException where the address cannot be had, with the reason
   */
  public InetSocketAddress listen(InetSocketAddress address) throws IOException {
    ChannelFuture bound =
        transport
            .server()
            .group(acceptLoop)
            .childHandler(HelloServer.handler(door, READ_BYTES))
            .bind(address)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      String name = address.getHostString() + ":" + address.getPort();
      throw new IOException(
          "cannot listen on " + name + ": " + Transport.reason(bound.cause()), bound.cause());
    }
    controlLoop.execute(FrameRehearsal::run);
    controlLoop.scheduleAtFixedRate(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    return (InetSocketAddress) bound.channel().localAddress();
  }

  /** How the migration ended; never completes exceptionally. */
  public CompletableFuture<IncomingReport> result() {
    return result;
  }

  /** Where it stands; any thread. */
  public IncomingState state() {
    return state;
  }

  /** Page faults read so far; any thread. */
  public long faults() {
    return counters.faults.sum();
  }

  /** Ends the threads. A migration that has not ended fails first. */
  @Override
  public void close() {
    if (!result.isDone()) {
      String why = "the destination was closed";
      failed(why);
      IncomingReport late = IncomingReport.unknown(why, state == IncomingState.RUNNING);
      result.completeOnTimeout(late, CLOSE_SECONDS, TimeUnit.SECONDS).join();
    }
    transport.close();
  }

  /** Control loop: a control frame. */
  void received(Frame frame) throws WireException {
    if (migration == null) {
      throw new WireException("a " + frame.getBodyCase() + " before the hello was answered");
    }
    migration.received(frame, System.nanoTime());
    migration.readySent(System.nanoTime());
    state = migration.state();
  }

  /** Control loop: the stream of urgent pages. */
  PageStream urgentStream() throws WireException {
    if (migration != null) {
      migration.checkUrgentPages();
    }
    return watch().urgentStream();
  }

  /** Bulk loop: what the bulk connection brings. */
  BulkIntake bulkIntake() throws WireException {
    BulkIntake current = intake;
    if (current == null) {
      throw new WireException("pages during " + state);
    }
    return current;
  }

  /** Bulk loop: where page data that arrives there belongs; 0 for anywhere. */
  long payloadPlace() {
    BulkIntake current = intake;
    return current == null ? 0 : current.stream().place();
  }

  /** Any thread: a line about a connection. */
  void log(String line) {
    log.accept(line);
  }

  /** Any thread: a connection is gone, or something broke. */
  void failed(String why) {
    if (!controlLoop.inEventLoop()) {
      controlLoop.execute(() -> failed(why));
    } else if (migration != null) {
      migration.failed(why, System.nanoTime());
      state = migration.state();
    } else if (result.complete(IncomingReport.unknown(why, false))) { // between door and loop
      state = IncomingState.FAILED;
    }
  }

  private MemoryWatch watch() throws WireException {
    MemoryWatch current = watch;
    if (current == null) {
      throw new WireException("pages during " + state);
    }
    return current;
  }

  private void tick() {
    guarded(
        () -> {
          if (migration != null) {
            migration.tick(System.nanoTime());
            state = migration.state();
          }
        });
  }

  /** A task of either loop. */
  interface Task {
    void run() throws WireException;
  }

  /** Any thread: runs a task on the control loop; what it throws fails the migration. */
  void onControlLoop(Task task) {
    controlLoop.execute(() -> guarded(task));
  }

  private void guarded(Task task) {
    try {
      task.run();
    } catch (WireException | RuntimeException e) {
      failed(String.valueOf(e.getMessage()));
    } catch (Error e) {
      failed("the destination broke: " + e);
    }
  }

  /** Any thread: what the bulk connection brought is told to the state machine. */
  void onMigration(MigrationTask task) {
    onControlLoop(
        () -> {
          if (migration != null) {
            task.run(migration);
            migration.readySent(System.nanoTime());
            state = migration.state();
          }
        });
  }

  /** What the state machine is told. */
  interface MigrationTask {
    void run(IncomingMigration migration) throws WireException;
  }

  /** Control loop: a connection whose hello is accepted, on the loop of its role. */
  void arrived(Channel channel, Hello hello, boolean isControl) {
    if (state.isFinal()) { // it failed while this connection moved here
      channel.close();
      return;
    }
    if (isControl) {
      control = channel;
      migration = new IncomingMigration(vm, new Link(), counters, System.nanoTime());
      state = migration.state();
    } else {
      bulk = channel;
    }
    agreed = HelloServer.answer(channel, hello);
  }

  /** The state machine's hands. */
  private final class Link implements IncomingLink {
    @Override
    public void send(Frame frame) {
      if (control != null) {
        control.writeAndFlush(FrameWriter.frame(control.alloc(), frame));
      }
    }

    @Override
    public void watch(List<MemoryRegion> regions, Arrival arrival) throws WireException {
      PlacingRehearsal.run(kernel, arrival);
      Channel to = Objects.requireNonNull(control, "no connection");
      MemoryWatch started =
          MemoryWatch.start(kernel, regions, arrival, new RequestBatch(to, controlPoll), counters);
      started.agree(agreed);
      watch = started;
      intake =
          new BulkIntake(
              started,
              Transport.behindIo(bulkLoop),
              System::nanoTime,
              new BulkEvents(MigrationDestination.this));
      poll =
          UserfaultfdPoll.start(
              started.userfaultfd(),
              controlLoop,
              started.faultReader()::readFaults,
              e -> failed("reading faults failed: " + e.getMessage()));
    }

    @Override
    public void precopyEnded() {
      if (watch != null) {
        watch.precopyEnded();
      }
    }

    @Override
    public void guestRuns() {
      if (watch != null) {
        watch.guestRuns();
      }
    }

    @Override
    public void unwatch() {
      MemoryWatch current = watch;
      watch = null;
      intake = null;
      if (poll != null) {
        poll.stop();
      }
      if (current != null) {
        // The bulk loop may be placing a page right now: it must be through before all is closed.
        bulkLoop.submit(() -> {}).awaitUninterruptibly();
        current.close();
      }
    }

    @Override
    public void later(Runnable task) {
      onControlLoop(task::run);
    }

    @Override
    public void ended() {
      if (migration != null) {
        state = migration.state();
      }
      if (bulk != null) {
        bulk.close();
      }
      if (control != null) {
        control.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
      }
      if (migration != null) {
        result.complete(migration.report());
      }
    }
  }
}
