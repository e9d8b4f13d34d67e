package io.faultline.dest;

import io.faultline.memory.MemoryRegion;
import io.faultline.proto.DirectReads;
import io.faultline.proto.FrameRehearsal;
import io.faultline.proto.LoopPoll;
import io.faultline.proto.NodeEnvironment;
import io.faultline.proto.SendQueueLimit;
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
  private static final String CLOSED = "the destination was closed";
  private static final long TICK_MILLIS = 100;

  /** More than stopping the vCPUs may take. */
  private static final long CLOSE_SECONDS = 15;

  private final IncomingVm vm;
  private final Consumer<String> log;
  private final DestinationSettings settings;
  private final NodeEnvironment host;
  private final IoEventLoop acceptLoop;
  private final LoopPoll controlPoll;
  private final IoEventLoop controlLoop;
  private final IoEventLoop bulkLoop;
  private final MigrationAcceptor acceptor;
  private final IncomingCounters counters = new IncomingCounters();
  private final CompletableFuture<IncomingReport> result = new CompletableFuture<>();
  private volatile IncomingState state = IncomingState.LISTENING;
  // The control loop's.
  private final IncomingMemory memory;
  private @Nullable IncomingSession session;
  private @Nullable IncomingMigration migration;

  /** On this machine and by default settings; else as the other constructor. */
  public MigrationDestination(
      Kernel kernel, IncomingVm vm, MeterRegistry registry, Consumer<String> log) {
    this(kernel, vm, registry, log, DestinationSettings.DEFAULT, new Transport());
  }

  /**
   * Nothing happens before {@link #listen}.
   *
   * @param registry gets the meters, named {@code faultline.*}
   * @param log gets a line for each connection that is turned away, is lost, or comes again
   * @param host what it runs on, as a rule a {@link Transport}; closed with this
   */
  public MigrationDestination(
      Kernel kernel,
      IncomingVm vm,
      MeterRegistry registry,
      Consumer<String> log,
      DestinationSettings settings,
      NodeEnvironment host) {
    this.host = host;
    this.settings = settings;
    this.vm = vm;
    this.log = log;
    controlPoll = new LoopPoll(settings.polling());
    acceptLoop = host.newLoop("fl-dest-accept");
    controlLoop = host.newLoop("fl-dest-faults", controlPoll);
    bulkLoop = host.newLoop("fl-dest-bulk");
    Consumer<Throwable> unreadable = e -> failed("reading faults failed: " + e.getMessage());
    memory =
        new IncomingMemory(
            kernel,
            controlLoop,
            controlPoll,
            bulkLoop,
            settings.populate(),
            host::nanoTime,
            counters,
            unreadable);
    acceptor =
        new MigrationAcceptor(this, controlLoop, bulkLoop, settings.security(), host.random(), log);
    counters.register(registry);
  }

  /**
   * Listens for a source.
   *
   * @return the address, with the port that was chosen where 0 was asked for
   * @throws IOException where the address cannot be had, with the reason
   * @throws IllegalArgumentException where this node's security does not allow the address
   */
  public InetSocketAddress listen(InetSocketAddress address) throws IOException {
    settings.security().require(address);
    InetSocketAddress bound =
        ConnectionListener.listen(host, acceptLoop, acceptor, settings.security(), address);
    controlLoop.execute(FrameRehearsal::run);
    Runnable tick = () -> guarded(() -> apply(migration -> migration.tick(host.nanoTime())));
    controlLoop.scheduleAtFixedRate(tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    return bound;
  }

  /** How the migration ended; never completes exceptionally. */
  public CompletableFuture<IncomingReport> result() {
    return result;
  }

  /** The id of the migration, 32 digits; empty before one has come. Any thread. */
  public String migrationId() {
    return acceptor.migrationId();
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
    host.close();
  }

  /** Control loop: a control frame. */
  void received(IncomingSession from, Frame frame) throws WireException {
    tell(from, migration -> migration.received(frame, host.nanoTime()));
  }

  /** Control loop: something has come on the control connection. */
  void heard(IncomingSession from) {
    if (from == session && migration != null) {
      migration.heard(host.nanoTime());
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
    String why = from.ended(isControl, cause);
    if (!Transport.isRecoverable(cause)) {
      failed(why);
    } else {
      onMigration(from, migration -> migration.lost(why, isControl, host.nanoTime()));
    }
  }

  /** Any thread: something broke. */
  void failed(String why) {
    if (!controlLoop.inEventLoop()) {
      controlLoop.execute(() -> failed(why));
    } else if (migration != null) {
      migration.failed(why, host.nanoTime());
      state = migration.state();
    } else if (result.complete(IncomingReport.unknown(why, false))) { // between door and loop
      state = IncomingState.FAILED;
    }
  }

  private void guarded(IncomingLink.Task task) {
    try {
      task.run();
    } catch (WireException e) {
      String why = String.valueOf(e.getMessage());
      guarded(() -> apply(migration -> migration.lost(why, true, host.nanoTime())));
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
      migration.readySent(host.nanoTime());
      state = migration.state();
    }
  }

  /** Any thread: a connection whose hello is accepted is on the loop of its role. */
  void arrived(Channel channel, Peer peer, IncomingSession of) {
    controlLoop.execute(() -> guarded(() -> welcome(channel, peer, of)));
  }

  private void welcome(Channel channel, Peer peer, IncomingSession of) {
    Hello hello = peer.hello();
    boolean isControl = hello.getRole() == Role.ROLE_CONTROL;
    if (state.isFinal() || (!isControl && of != session)) { // it came too late
      channel.close();
      return;
    }
    if (!isControl) {
      of.bulkArrived(channel);
      int channels = of.channels();
      bulkLoop.execute(
          () -> {
            DirectReads.start(channel);
            SendQueueLimit.atReceiver(channel, counters.faults::sum, channels);
          });
      peer.answer(channel, settings.timeouts());
    } else if (migration == null) {
      int peerMillis = hello.getSilenceMillis();
      SourceLiveness source = SourceLiveness.of(settings, peerMillis, host.nanoTime());
      migration = new IncomingMigration(vm, new Link(), counters, source, host.nanoTime());
      state = migration.state();
      session = of;
      of.controlArrived(channel);
      peer.answer(channel, settings.timeouts());
    } else {
      takeOver(migration, channel, peer, of);
    }
    if (isControl && !channel.isActive()) { // its end came when it did not count yet
      gone(of, isControl, new IOException("it was closed at once"));
    }
  }

  /** The connections of a later attempt take the place of all others. */
  private void takeOver(IncomingMigration of, Channel by, Peer peer, IncomingSession to) {
    if (session != null && !session.isClosed()) {
      of.lost("the source has connected anew", true, host.nanoTime());
      state = of.state();
    }
    session = to;
    to.controlArrived(by);
    bulkLoop.execute(
        () -> {
          memory.fenceBulk();
          onMigration(to, migration -> goOn(migration, by, peer, to));
        });
  }

  private void goOn(IncomingMigration of, Channel channel, Peer peer, IncomingSession with)
      throws WireException {
    memory.takeFrom(with, new BulkEvents(this, with));
    of.reconnected(peer.hello().getSilenceMillis(), host.nanoTime());
    peer.answer(channel, settings.timeouts());
  }

  /** The state machine's hands. */
  private final class Link implements IncomingLink {
    @Override
    public void send(Frame frame) {
      connected().send(frame);
    }

    @Override
    public void register(List<MemoryRegion> regions, MigrationParameters parameters)
        throws WireException {
      IncomingSession of = connected();
      memory.start(regions, parameters, of, new BulkEvents(MigrationDestination.this, of));
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
    public void unregister(boolean complete) {
      connected().take(null);
      memory.close(complete);
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
      memory.report(to, missing -> onMigration(to, at -> at.reported(missing, host.nanoTime())));
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
