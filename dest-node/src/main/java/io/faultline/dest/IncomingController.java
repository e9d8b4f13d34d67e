package io.faultline.dest;

import io.faultline.proto.FrameRehearsal;
import io.faultline.proto.WireException;
import io.faultline.proto.accept.Peer;
import io.faultline.proto.control.ControlOutcome;
import io.faultline.proto.wire.Frame;
import io.faultline.uffd.Kernel;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Connects the state machine to connections, memory and clock: receives what happens, and passes it
 * on through {@link IncomingDispatcher}. Effects are carried out by {@link IncomingEffects}.
 *
 * <p>Confined to the control loop, except for methods that say otherwise.
 */
final class IncomingController {
  private static final long TICK_MILLIS = 100;

  private final IncomingVm vm;
  private final DestinationSettings settings;
  private final IncomingCounters counters;
  private final DestinationLoops loops;
  private final PublishedProgress published;
  private final IncomingMemory memory;
  private final IncomingDispatcher dispatcher;
  private final IncomingEffects effects;
  private final IncomingConnections connections;
  private final IncomingTicker ticker;

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
    this.counters = counters;
    this.loops = loops;
    published = new PublishedProgress(counters);
    dispatcher = new IncomingDispatcher(loops.control(), clock, published);
    memory =
        new IncomingMemory(
            kernel,
            loops,
            settings,
            clock,
            counters,
            new MemoryShortage(kernel, clock, log, counters),
            dispatcher::failed);
    effects = new IncomingEffects(loops.control(), dispatcher, vm, settings, memory, counters, log);
    connections =
        new IncomingConnections(dispatcher, effects, vm, settings, loops, memory, counters);
    long giveUpNanos = settings.timeouts().giveUpAfter().toNanos();
    ticker = new IncomingTicker(dispatcher, memory, giveUpNanos, log);
  }

  /** Sets what is called once the source has described the VM. Before {@link #start}. */
  void onDescribed(IncomingEffects.VmDescribed task) {
    effects.onDescribed(task);
  }

  /** Any thread: begins to call the state machine regularly. */
  void start() {
    loops.control().execute(FrameRehearsal::run);
    Runnable tick = () -> dispatcher.guarded(this::tick);
    loops.control().scheduleAtFixedRate(tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
  }

  /**
   * Any thread: goes on with the migration of another process.
   *
   * @throws IOException with the reason if that is not possible
   */
  void takeOver(NodeTakeOver of) throws IOException {
    IncomingLink.Task begin = () -> of.begin(dispatcher, effects, vm, settings, counters);
    Future<@Nullable Void> done =
        loops
            .control()
            .submit(
                () -> {
                  begin.run();
                  return null;
                });
    if (done.awaitUninterruptibly().cause() != null) {
      throw new IOException(String.valueOf(done.cause().getMessage()), done.cause());
    }
  }

  /** See {@link MigrationDestination#lendMemory}. */
  @Nullable LentMemory lendMemory() {
    return new MemoryLending(loops, dispatcher, memory).lend();
  }

  private void tick() throws WireException {
    String ended = vm.ended();
    if (ended != null) {
      dispatcher.failed(ended);
    }
    ticker.tick();
  }

  /** Any thread. */
  CompletableFuture<IncomingReport> result() {
    return dispatcher.result();
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
    dispatcher.applyIfCurrent(from, migration -> migration.received(frame, dispatcher.now()));
  }

  /** Something has arrived on the control connection. */
  void heard(IncomingSession from) {
    IncomingMigration migration = dispatcher.migration();
    if (from == dispatcher.session() && migration != null) {
      migration.heard(dispatcher.now());
    }
  }

  /** The stream of urgent pages; null once all pages have arrived. */
  @Nullable PageStream urgentStream(IncomingSession from) throws WireException {
    IncomingMigration migration = dispatcher.migration();
    if (migration == null || from != dispatcher.session() || from.isClosed()) {
      throw new WireException("pages during " + state());
    }
    return migration.takesUrgentPages() ? memory.urgentStream() : null;
  }

  /** Any thread: an accepted connection is registered with the loop of its role. */
  void connected(Channel channel, Peer peer, IncomingSession of) {
    connections.connected(channel, peer, of);
  }

  /** Any thread: a connection has ended. */
  void connectionLost(IncomingSession from, boolean isControl, Throwable cause) {
    connections.lost(from, isControl, cause);
  }

  /** Any thread: something broke on this side. */
  void failed(String why) {
    dispatcher.failed(why);
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
    return IncomingCancellation.cancel(dispatcher, progress().report().vmStarted());
  }
}
