package io.faultline.dest;

import com.google.protobuf.ByteString;
import io.faultline.dest.accept.Peer;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.limits.MemoryDemand;
import io.faultline.proto.DirectReads;
import io.faultline.proto.FrameRehearsal;
import io.faultline.proto.PeerWait;
import io.faultline.proto.SendQueueLimit;
import io.faultline.proto.Transport;
import io.faultline.proto.WaitReport;
import io.faultline.proto.WireException;
import io.faultline.proto.control.ControlOutcome;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Hello;
import io.faultline.proto.wire.Role;
import io.faultline.uffd.Kernel;
import io.netty.channel.Channel;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Connects the state machine to connections, memory and clock. Passes every event to it on the
 * control loop, if the session that the event belongs to is still the current one, and replaces the
 * session when the source reconnects.
 *
 * <p>Confined to the control loop, except for methods that say otherwise.
 */
final class IncomingController {
  private static final long TICK_MILLIS = 100;

  private final IncomingVm vm;
  private final DestinationSettings settings;
  private final DestinationLoops loops;
  private final LongSupplier clock;
  private final IncomingCounters counters;
  private final Consumer<String> log;
  private final IncomingMemory memory;
  private final CompletableFuture<IncomingReport> result = new CompletableFuture<>();

  private final PublishedProgress published;

  private final WaitReport waitReport = new WaitReport();
  private VmDescribed onDescribed = (parameters, peer) -> {};
  private MemoryAdmission.Admitted admitted = () -> {};
  private @Nullable IncomingSession session;
  private @Nullable IncomingMigration migration;

  /**
   * @param clock in nanoseconds
   * @param log gets a line when the connection is lost, when the source is back, and when this side
   *     has waited for it for some seconds
   */
  IncomingController(
      Kernel kernel,
      IncomingVm vm,
      DestinationSettings settings,
      DestinationLoops loops,
      LongSupplier clock,
      IncomingCounters counters,
      Consumer<String> log) {
    this.vm = vm;
    this.settings = settings;
    this.loops = loops;
    this.clock = clock;
    this.counters = counters;
    this.log = log;
    published = new PublishedProgress(counters);
    MemoryShortage shortage = new MemoryShortage(kernel, clock, log, counters);
    memory =
        new IncomingMemory(
            kernel,
            loops,
            settings.populate(),
            settings.recording(),
            clock,
            counters,
            shortage,
            this::failed);
  }

  /** Called once the source has described the VM. */
  interface VmDescribed {
    /** Receives how the VM is migrated, and the source's address. */
    void described(MigrationParameters parameters, String peer);
  }

  /** Sets what is called once the source has described the VM. Before {@link #start}. */
  void onDescribed(VmDescribed task) {
    onDescribed = task;
  }

  /** Any thread: begins to call the state machine regularly. */
  void start() {
    loops.control().execute(FrameRehearsal::run);
    Runnable tick = () -> guarded(this::tick);
    loops.control().scheduleAtFixedRate(tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void tick() throws WireException {
    tickMemory();
    apply(this::tickAndReportWait);
    publish(true);
  }

  /** While memory is short: reminds the user and the source of it, or gives the VM up. */
  private void tickMemory() throws WireException {
    long now = now();
    MemoryShortage shortage = memory.shortage();
    shortage.tick(now);
    if (shortage.lasts(settings.timeouts().giveUpAfter().toNanos(), now)) {
      failed(shortage.timeoutMessage(now));
    }
    apply(
        of -> {
          if (memory.isUrgentParked()) {
            of.heard(now); // the source's heartbeats wait to be read
          }
          of.memoryShort(shortage.isPresent(), now);
        });
  }

  private void publish(boolean regularly) {
    IncomingMigration of = migration;
    if (of != null) {
      published.publish(of.state());
      published.missing(of.missingPages());
      published.connected(session == null || of.state().isFinal() ? 0 : session.connections());
      published.publish(() -> of.report(now()), regularly);
    }
  }

  private void tickAndReportWait(IncomingMigration of) {
    long now = now();
    of.tick(now);
    PeerWait wait = waitReport.due(of.waiting(now), now);
    if (wait != null && !memory.shortage().isPresent()) { // this side reads no pages meanwhile
      log.accept(wait.describe(session == null ? "the source" : session.source(), now));
    }
  }

  /** Any thread. */
  CompletableFuture<IncomingReport> result() {
    return result;
  }

  /** Any thread. */
  IncomingState state() {
    return published.state();
  }

  /** Any thread. */
  IncomingProgress progress() {
    return published.progress();
  }

  /** A control frame has arrived. */
  void received(IncomingSession from, Frame frame) throws WireException {
    applyIfCurrent(from, migration -> migration.received(frame, now()));
  }

  /** Something has arrived on the control connection. */
  void heard(IncomingSession from) {
    if (from == session && migration != null) {
      migration.heard(now());
    }
  }

  /** The stream of urgent pages; null once all pages have arrived. */
  @Nullable PageStream urgentStream(IncomingSession from) throws WireException {
    if (migration == null || from != session || from.isClosed()) {
      throw new WireException("pages during " + state());
    }
    return migration.takesUrgentPages() ? memory.urgentStream() : null;
  }

  /** Any thread: a connection has ended. */
  void connectionLost(IncomingSession from, boolean isControl, Throwable cause) {
    if (cause instanceof DamagedPagesException) {
      counters.damagedRuns.increment();
    }
    String why = from.ended(isControl, cause);
    if (!Transport.isRecoverable(cause)) {
      failed(why);
    } else {
      onMigration(from, migration -> migration.lost(why, isControl, now()));
    }
  }

  /** Any thread: something broke on this side. */
  void failed(String why) {
    if (!loops.control().inEventLoop()) {
      loops.control().execute(() -> failed(why));
    } else if (migration != null) {
      migration.failed(why, now());
      publish(false);
    } else if (result.complete(IncomingReport.unknown(why, false))) { // before the first session
      published.publish(IncomingState.FAILED);
    }
  }

  /** Any thread: the user's cancellation, which is possible before READY. */
  CompletableFuture<ControlOutcome> cancel() {
    CompletableFuture<ControlOutcome> outcome = new CompletableFuture<>();
    try {
      loops.control().execute(() -> outcome.complete(cancelled()));
    } catch (RejectedExecutionException e) {
      outcome.complete(ControlOutcome.refused("too late: the node ends"));
    }
    return outcome;
  }

  private ControlOutcome cancelled() {
    IncomingState now = migration == null ? state() : migration.state();
    IncomingReport report = progress().report();
    if (now == IncomingState.LISTENING || now == IncomingState.RECEIVING) {
      failed("cancelled at the destination");
      return ControlOutcome.done("the migration was cancelled; the VM continues at the source");
    }
    return ControlOutcome.refused(
        now.isFinal()
            ? "too late: the migration has ended: " + now
            : report.vmStarted()
                ? "too late: RUN has arrived, and this destination owns the VM"
                : "too late: the destination is READY, and only the source knows whether RUN was"
                    + " sent; cancel at the source");
  }

  /** Any thread: passes an event to the state machine, if its session is still the current one. */
  void onMigration(IncomingSession from, MigrationTask task) {
    if (loops.control().inEventLoop()) {
      guarded(() -> applyIfCurrent(from, task));
    } else {
      loops.control().execute(() -> onMigration(from, task));
    }
  }

  /** Any thread: an accepted connection is registered with the loop of its role. */
  void connected(Channel channel, Peer peer, IncomingSession of) {
    loops.control().execute(() -> guarded(() -> take(channel, peer, of)));
  }

  private void guarded(IncomingLink.Task task) {
    try {
      task.run();
    } catch (WireException e) {
      String why = String.valueOf(e.getMessage());
      guarded(() -> apply(migration -> migration.lost(why, true, now())));
    } catch (RuntimeException e) {
      failed(String.valueOf(e.getMessage()));
    } catch (Error e) {
      failed("the destination broke: " + e);
    }
  }

  private void applyIfCurrent(IncomingSession from, MigrationTask task) throws WireException {
    if (from == session && !from.isClosed()) {
      apply(task);
    }
  }

  private void apply(MigrationTask task) throws WireException {
    if (migration != null) {
      task.run(migration);
      migration.handled(now());
      publish(false);
    }
  }

  private void take(Channel channel, Peer peer, IncomingSession of) {
    boolean isControl = peer.hello().getRole() == Role.ROLE_CONTROL;
    if (state().isFinal() || (!isControl && of != session)) { // too late
      channel.close();
      return;
    }
    if (!isControl) {
      takeBulk(channel, peer, of);
    } else if (migration == null) {
      begin(channel, peer, of);
    } else {
      replaceSession(migration, channel, peer, of);
    }
    if (isControl && !channel.isActive()) { // it ended before it belonged to the session
      connectionLost(of, isControl, new IOException("it was closed immediately"));
    }
  }

  private void takeBulk(Channel channel, Peer peer, IncomingSession of) {
    of.bulkConnected(channel);
    int channels = of.channels();
    loops
        .bulk()
        .execute(
            () -> {
              DirectReads.start(channel);
              SendQueueLimit.atReceiver(channel, counters.faults::sum, channels);
            });
    peer.answer(channel, settings.timeouts());
  }

  /** The first control connection: the migration begins. */
  private void begin(Channel channel, Peer peer, IncomingSession of) {
    Hello hello = peer.hello();
    SourceLiveness source = SourceLiveness.of(settings, hello.getSilenceMillis(), now());
    migration = new IncomingMigration(vm, new Link(), counters, source, now());
    session = of;
    of.controlConnected(channel);
    publish(false);
    peer.answer(channel, settings.timeouts());
  }

  /** The connections of a later attempt replace all earlier ones. */
  private void replaceSession(
      IncomingMigration of, Channel control, Peer peer, IncomingSession next) {
    if (session != null && !session.isClosed()) {
      of.lost("the source has connected again", true, now());
      publish(false);
    }
    session = next;
    next.controlConnected(control);
    loops
        .bulk()
        .execute(
            () -> {
              memory.fenceBulk();
              onMigration(next, migration -> resume(migration, control, peer, next));
            });
  }

  private void resume(IncomingMigration of, Channel control, Peer peer, IncomingSession with)
      throws WireException {
    memory.takeFrom(with, new BulkEvents(this, with));
    of.reconnected(peer.hello().getSilenceMillis(), now());
    peer.answer(control, settings.timeouts());
  }

  private long now() {
    return clock.getAsLong();
  }

  /** What the state machine does to its environment. */
  private final class Link implements IncomingLink {
    @Override
    public void send(Frame frame) {
      current().send(frame);
    }

    @Override
    public void admit(String type, ByteString configuration, List<AnnouncedRegion> regions)
        throws IncomingVmException {
      MemoryDemand demand =
          IncomingDemand.of(vm, type, configuration, regions, current().channels());
      admitted = settings.admission().admit(demand);
      counters.admittedBytes.add(demand.allGuestBytes());
    }

    @Override
    public void register(List<MemoryRegion> regions, MigrationParameters parameters)
        throws WireException {
      IncomingSession of = current();
      memory.start(regions, parameters, of, new BulkEvents(IncomingController.this, of));
      onDescribed.described(parameters, String.valueOf(of.controlChannel().remoteAddress()));
    }

    @Override
    public void precopyEnded() {
      memory.precopyEnded();
    }

    @Override
    public void guestStarts() {
      memory.guestStarts();
    }

    @Override
    public void unregister(boolean complete) {
      current().setReceiver(null);
      memory.close(complete);
    }

    @Override
    public long giveUpMissingPages() {
      return memory.giveUpMissing(vm);
    }

    @Override
    public void later(Task task) {
      loops.control().execute(() -> guarded(task));
    }

    @Override
    public void disconnect(String why) {
      log.accept("paused: connection lost (" + why + "); waiting for the source");
      memory.pause();
      current().close();
    }

    @Override
    public void report() {
      IncomingSession to = current();
      memory.report(to, missing -> onMigration(to, at -> at.reported(missing, now())));
    }

    @Override
    public void resume() {
      log.accept("the source is back: the migration continues");
      memory.resume(current());
    }

    @Override
    public void ended() {
      admitted.close(); // what it needed is taken, or given back
      if (session != null) {
        session.closeWhenSent();
      }
      if (migration != null) {
        publish(false);
        migration.record(settings.recording());
        result.complete(migration.report(now()));
      }
    }

    private IncomingSession current() {
      return Objects.requireNonNull(session, "no connection");
    }
  }
}
