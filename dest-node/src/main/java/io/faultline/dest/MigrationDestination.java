package io.faultline.dest;

import com.google.protobuf.ByteString;
import io.faultline.memory.MemoryRegion;
import io.faultline.proto.FrameDecoder;
import io.faultline.proto.FrameReceiver;
import io.faultline.proto.FrameRehearsal;
import io.faultline.proto.FrameWriter;
import io.faultline.proto.Transport;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Hello;
import io.faultline.proto.wire.Role;
import io.faultline.uffd.Kernel;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.IoEventLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
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
  private final IoEventLoop controlLoop = transport.newLoop("faultline-dest-faults");
  private final IoEventLoop bulkLoop = transport.newLoop("faultline-dest-bulk");
  private final IncomingCounters counters = new IncomingCounters();
  private final CompletableFuture<IncomingReport> result = new CompletableFuture<>();
  private volatile IncomingState state = IncomingState.LISTENING;

  // The accept loop's.
  private @Nullable ByteString migrationId;
  private boolean bulkAccepted;

  // The control loop's; the watch is read by the bulk loop too, which starts after it is there.
  private @Nullable Channel control;
  private @Nullable Channel bulk;
  private @Nullable IncomingMigration migration;
  private @Nullable UserfaultfdPoll poll;
  private volatile @Nullable MemoryWatch watch;

  /**
   * Prepares to take in a VM; nothing happens before {@link #listen}.
   *
   * @param registry gets the meters, named {@code faultline.*}
   * @param log gets a line for each connection that is turned away
   */
  public MigrationDestination(
      Kernel kernel, IncomingVm vm, MeterRegistry registry, Consumer<String> log) {
    this.kernel = kernel;
    this.vm = vm;
    this.log = log;
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
            .childOption(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(READ_BYTES))
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    HelloServer.receive(channel, new Door());
                  }
                })
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

  /** Bulk loop: the stream of background pages. */
  PageStream bulkStream() throws WireException {
    return watch().bulkStream();
  }

  /** Bulk loop: the source has sent its last background page. */
  void bulkStreamEnded(long announcedPages) throws WireException {
    long received = watch().bulkStream().pages();
    controlLoop.execute(
        () ->
            guarded(
                () -> {
                  if (migration != null) {
                    migration.bulkStreamEnded(announcedPages, received);
                  }
                }));
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

  /** Runs a task of the control loop; what it throws fails the migration. */
  private void guarded(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      failed(String.valueOf(e.getMessage()));
    } catch (Error e) {
      failed("the destination broke: " + e);
    }
  }

  /** Takes connections in; on the accept loop. */
  private final class Door implements HelloServer.Reception {
    @Override
    public void accept(Channel channel, FrameDecoder decoder, Hello hello) throws WireException {
      boolean isControl = hello.getRole() == Role.ROLE_CONTROL;
      if (isControl ? migrationId != null : !hello.getMigrationId().equals(migrationId)) {
        throw new WireException(
            isControl
                ? "this destination is busy with another migration"
                : "a bulk connection for a migration that is not under way");
      }
      if (!isControl && bulkAccepted) {
        throw new WireException("a second bulk connection");
      }
      if (isControl) {
        migrationId = hello.getMigrationId();
        move(channel, controlLoop, decoder, hello, new ControlReceiver(MigrationDestination.this));
      } else {
        bulkAccepted = true;
        move(channel, bulkLoop, decoder, hello, new BulkReceiver(MigrationDestination.this));
      }
    }

    @Override
    public void turnedAway(Channel channel, Throwable why) {
      log.accept("turned away " + channel.remoteAddress() + ": " + why.getMessage());
    }

    /** Moves a connection to the loop of its role; there it is made known and answered. */
    private void move(
        Channel channel,
        EventLoop loop,
        FrameDecoder decoder,
        Hello hello,
        FrameReceiver receiver) {
      decoder.handOver(receiver);
      boolean isControl = hello.getRole() == Role.ROLE_CONTROL;
      channel
          .deregister()
          .addListener(
              left ->
                  loop.register(channel)
                      .addListener(
                          arrived -> {
                            if (arrived.isSuccess()) {
                              controlLoop.execute(
                                  () -> guarded(() -> arrived(channel, hello, isControl)));
                            } else {
                              failed("a connection was lost: " + arrived.cause().getMessage());
                            }
                          }));
    }
  }

  private void arrived(Channel channel, Hello hello, boolean isControl) {
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
    HelloServer.answer(channel, hello);
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
    public void watch(List<MemoryRegion> regions) throws WireException {
      PlacingRehearsal.run(kernel);
      Channel to = Objects.requireNonNull(control, "no connection");
      MemoryWatch started = MemoryWatch.start(kernel, regions, new RequestBatch(to), counters);
      watch = started;
      poll =
          UserfaultfdPoll.start(
              started.userfaultfd(),
              controlLoop,
              started.faultReader()::readFaults,
              e -> failed("reading faults failed: " + e.getMessage()));
    }

    @Override
    public void unwatch() {
      MemoryWatch current = watch;
      watch = null;
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
      controlLoop.execute(() -> guarded(task));
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
