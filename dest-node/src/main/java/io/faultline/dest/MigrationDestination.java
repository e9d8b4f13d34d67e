package io.faultline.dest;

import io.faultline.memory.MemoryRegion;
import io.faultline.proto.FrameRehearsal;
import io.faultline.proto.LoopPoll;
import io.faultline.proto.Patience;
import io.faultline.proto.Polling;
import io.faultline.proto.Transport;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Hello;
import io.faultline.proto.wire.Role;
import io.faultline.uffd.Kernel;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.Channel;
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

  private static final String CLOSED = "the destination was closed";
  private final IncomingVm vm;
  private final Consumer<String> log;
  private final Patience patience;
  private final Transport transport = new Transport();
  private final IoEventLoop acceptLoop = transport.newLoop("faultline-dest-accept");
  private final LoopPoll controlPoll;
  private final IoEventLoop controlLoop;
  private final IoEventLoop bulkLoop = transport.newLoop("faultline-dest-bulk");
  private final Door door;
  private final IncomingCounters counters = new IncomingCounters();
  private final CompletableFuture<IncomingReport> result = new CompletableFuture<>();
  private volatile IncomingState state = IncomingState.LISTENING;
  // The control loop's.
  private final IncomingMemory memory;
  private @Nullable IncomingSession session;
  private @Nullable IncomingMigration migration;

  /** Its loops sleep when there is nothing to do; else as the other constructor. */
  public MigrationDestination(
      Kernel kernel, IncomingVm vm, MeterRegistry registry, Consumer<String> log) {
    this(kernel, vm, registry, log, Polling.BLOCK, Patience.DEFAULT);
  }

  /**
   * Prepares to take in a VM; nothing happens before {@link #listen}.
   *
   * @param registry gets the meters, named {@code faultline.*}
   * @param log gets a line for each connection that is turned away, is lost, or comes again
   * @param polling how the fault reader waits
   * @param patience how long to wait for a source that is silent, or lost behind READY
   */
  public MigrationDestination(
      Kernel kernel,
      IncomingVm vm,
      MeterRegistry registry,
      Consumer<String> log,
      Polling polling,
      Patience patience) {
    this.patience = patience;
    this.vm = vm;
    this.log = log;
    controlPoll = new LoopPoll(polling);
    controlLoop = transport.newLoop("faultline-dest-faults", controlPoll);
    memory =
        new IncomingMemory(
            kernel,
            controlLoop,
            controlPoll,
            bulkLoop,
            counters,
            e -> failed("reading faults failed: " + e.getMessage()));
    door = new Door(this, controlLoop, bulkLoop, log);
    counters.register(registry);
  }

  /**
   * Listens for a source.
   *
   * @return the address, with the port that was chosen where 0 was asked for
   * @throws IOException where the address cannot be had, with the reason
   */
  public InetSocketAddress listen(InetSocketAddress address) throws IOException {
    InetSocketAddress bound = Listener.listen(transport, acceptLoop, door, address);
    controlLoop.execute(FrameRehearsal::run);
    controlLoop.scheduleAtFixedRate(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    return bound;
  }

  /** How the migration ended; never completes exceptionally. */
  public CompletableFuture<IncomingReport> result() {
    return result;
  }

  /** The id of the migration, 32 digits; empty before one has come. Any thread. */
  public String migrationId() {
    return door.migrationId();
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
      failed(CLOSED);
      IncomingReport late = IncomingReport.unknown(CLOSED, state == IncomingState.RUNNING);
      result.completeOnTimeout(late, CLOSE_SECONDS, TimeUnit.SECONDS).join();
    }
    transport.close();
  }

  /** Control loop: a control frame. */
  void received(IncomingSession from, Frame frame) throws WireException {
    tell(from, migration -> migration.received(frame, System.nanoTime()));
  }

  /** Control loop: something has come on the control connection. */
  void heard(IncomingSession from) {
    if (from == session && migration != null) {
      migration.heard(System.nanoTime());
    }
  }

  /** Control loop: the stream of urgent pages; null where all pages are here. */
  @Nullable PageStream urgentStream(IncomingSession from) throws WireException {
    if (migration == null || from != session || from.isClosed()) {
      throw new WireException("pages during " + state);
    }
    return migration.takesUrgentPages() ? memory.urgentStream() : null;
  }

  /** Any thread: a connection is gone. */
  void gone(IncomingSession from, boolean isControl, Throwable cause) {
    String name = isControl ? "the connection to the source" : "the bulk connection to the source";
    String why = Transport.whyGone(name, cause);
    if (!Transport.isPassing(cause)) {
      failed(why);
    } else {
      onMigration(from, migration -> migration.lost(why, isControl, System.nanoTime()));
    }
  }

  /** Any thread: something broke. */
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

  private void tick() {
    guarded(() -> apply(migration -> migration.tick(System.nanoTime())));
  }

  private void guarded(IncomingLink.Task task) {
    try {
      task.run();
    } catch (WireException e) {
      String why = String.valueOf(e.getMessage());
      guarded(() -> apply(migration -> migration.lost(why, true, System.nanoTime())));
    } catch (RuntimeException e) {
      failed(String.valueOf(e.getMessage()));
    } catch (Error e) {
      failed("the destination broke: " + e);
    }
  }

  /** Any thread: what connections brought is told to the state machine, if they still count. */
  void onMigration(IncomingSession from, MigrationTask task) {
    if (controlLoop.inEventLoop()) {
      guarded(() -> tell(from, task));
    } else {
      controlLoop.execute(() -> onMigration(from, task));
    }
  }

  private void tell(IncomingSession from, MigrationTask task) throws WireException {
    if (from == session && !from.isClosed()) {
      apply(task);
    }
  }

  private void apply(MigrationTask task) throws WireException {
    if (migration != null) {
      task.run(migration);
      migration.readySent(System.nanoTime());
      state = migration.state();
    }
  }

  /** Any thread: a connection whose hello is accepted is on the loop of its role. */
  void arrived(Channel channel, Hello hello, IncomingSession of) {
    controlLoop.execute(() -> guarded(() -> welcome(channel, hello, of)));
  }

  private void welcome(Channel channel, Hello hello, IncomingSession of) {
    boolean isControl = hello.getRole() == Role.ROLE_CONTROL;
    if (state.isFinal() || (!isControl && of != session)) { // it came too late
      channel.close();
      return;
    }
    if (!isControl) {
      of.bulkArrived(channel);
      HelloServer.answer(channel, hello, patience.silenceMillis());
    } else if (migration == null) {
      int peer = hello.getSilenceMillis();
      migration =
          new IncomingMigration(vm, new Link(), counters, patience, peer, System.nanoTime());
      state = migration.state();
      session = of;
      of.controlArrived(channel);
      HelloServer.answer(channel, hello, patience.silenceMillis());
    } else {
      takeOver(migration, channel, hello, of);
    }
    if (isControl && !channel.isActive()) { // its end came when it did not count yet
      gone(of, isControl, new IOException("it was closed at once"));
    }
  }

  /** The connections of a later attempt take the place of all others. */
  private void takeOver(IncomingMigration of, Channel channel, Hello hello, IncomingSession next) {
    if (session != null && !session.isClosed()) {
      of.lost("the source has connected anew", true, System.nanoTime());
      state = of.state();
    }
    session = next;
    next.controlArrived(channel);
    bulkLoop.execute(
        () -> {
          memory.fenceBulk();
          onMigration(next, migration -> goOn(migration, channel, hello, next));
        });
  }

  private void goOn(IncomingMigration of, Channel channel, Hello hello, IncomingSession with) {
    memory.takeFrom(with, new BulkEvents(this, with));
    of.reconnected(hello.getSilenceMillis(), System.nanoTime());
    HelloServer.answer(channel, hello, patience.silenceMillis());
  }

  /** The state machine's hands. */
  private final class Link implements IncomingLink {
    @Override
    public void send(Frame frame) {
      connected().send(frame);
    }

    @Override
    public void watch(List<MemoryRegion> regions, Arrival arrival) throws WireException {
      IncomingSession of = connected();
      memory.start(regions, arrival, of, new BulkEvents(MigrationDestination.this, of));
    }

    @Override
    public void precopyEnded() {
      memory.precopyEnded();
    }

    @Override
    public void guestRuns() {
      memory.guestRuns();
    }

    @Override
    public void unwatch() {
      connected().take(null);
      memory.close();
    }

    @Override
    public long lose() {
      return memory.lose(vm);
    }

    @Override
    public void later(Task task) {
      controlLoop.execute(() -> guarded(task));
    }

    @Override
    public void disconnect(String why) {
      log.accept("paused: connection lost (" + why + "); waiting for the source");
      memory.pause();
      connected().close();
    }

    @Override
    public void report() {
      IncomingSession to = connected();
      memory.report(
          to,
          missing -> onMigration(to, migration -> migration.reported(missing, System.nanoTime())));
    }

    @Override
    public void resume() {
      log.accept("the source is back: the migration goes on");
      memory.resume(connected());
    }

    private IncomingSession connected() {
      return Objects.requireNonNull(session, "no connection");
    }

    @Override
    public void ended() {
      if (session != null) {
        session.closeWhenSent();
      }
      if (migration != null) {
        state = migration.state();
        result.complete(migration.report());
      }
    }
  }
}
