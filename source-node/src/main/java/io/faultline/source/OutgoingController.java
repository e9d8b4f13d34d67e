package io.faultline.source;

import io.faultline.proto.FrameRehearsal;
import io.faultline.proto.Hellos;
import io.faultline.proto.NodeEnvironment;
import io.faultline.proto.PeerWait;
import io.faultline.proto.Polling;
import io.faultline.proto.WaitReport;
import io.faultline.proto.connect.ReconnectSchedule;
import io.faultline.proto.control.ControlOutcome;
import io.netty.channel.IoEventLoop;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Puts an outgoing migration together, starts it, and passes it the time and the user's commands.
 * Events go through {@link OutgoingDispatcher}, effects through {@link OutgoingEffects}. Confined
 * to the control loop, except for the methods that say otherwise.
 */
final class OutgoingController {
  private static final long TICK_MILLIS = 100;
  private static final long STOP_TIMEOUT_SECONDS = 2;

  private final IoEventLoop controlLoop;
  private final ReconnectSchedule reconnectSchedule;
  private final MigrationIdentity migrationIdentity;
  private final OutgoingConnector connector;
  private final OutgoingDispatcher dispatcher;
  private final OutgoingAttempts attempts;
  private final OutgoingMigration migration;
  private final OutgoingCommands commands;
  private final WaitReport waitReport = new WaitReport();
  private volatile Consumer<String> log = line -> {};

  OutgoingController(
      OutgoingVm vm,
      SourceSettings settings,
      ReconnectSettings reconnectSettings,
      MigrationIdentity migrationIdentity,
      NodeEnvironment environment,
      Polling polling,
      RateLimit limit,
      OutgoingCounters counters) {
    this.migrationIdentity = migrationIdentity;
    reconnectSchedule = schedule(settings, reconnectSettings, migrationIdentity, environment);
    OutgoingLoops loops = OutgoingLoops.start(environment, polling);
    controlLoop = loops.control();
    connector =
        new OutgoingConnector(
            environment, controlLoop, loops.bulk(), settings, reconnectSettings, migrationIdentity);
    OutgoingRegions regions =
        new OutgoingRegions(vm.regions(), settings.placement(), vm.neededFirst());
    regions.expect(vm.expectedSoon());
    dispatcher = new OutgoingDispatcher(loops, environment::nanoTime);
    attempts =
        new OutgoingAttempts(
            dispatcher,
            loops,
            connector,
            new OutgoingStreams(settings, regions, limit, counters, environment::nanoTime));
    migration =
        new OutgoingMigration(
            vm,
            regions,
            settings,
            new OutgoingEffects(
                dispatcher,
                loops,
                attempts,
                regions,
                reconnectSettings.timeouts(),
                reconnectSchedule),
            counters.bytesSent::sum,
            reconnectSchedule,
            migrationIdentity.ownershipLog(),
            environment.nanoTime());
    OutgoingReporter reporter =
        new OutgoingReporter(migration, regions, counters, reconnectSchedule);
    PublishedProgress published =
        new PublishedProgress(
            regions, counters, limit, reconnectSchedule, reporter.report(environment.nanoTime()));
    dispatcher.begin(migration, reporter, published);
    commands =
        new OutgoingCommands(
            migration, settings, limit, reconnectSchedule, connector, dispatcher::pushBulk);
  }

  private static ReconnectSchedule schedule(
      SourceSettings settings,
      ReconnectSettings reconnectSettings,
      MigrationIdentity migrationIdentity,
      NodeEnvironment environment) {
    ReconnectSchedule schedule =
        new ReconnectSchedule(
            reconnectSettings.destinations(settings).size(),
            reconnectSettings.timeouts().giveUpAfter().toNanos(),
            environment.random()::nextDouble);
    schedule.startAfter(migrationIdentity.attemptsBefore());
    return schedule;
  }

  /** See {@link MigrationSource#setLog}. Any thread. */
  void setLog(Consumer<String> lines) {
    log = lines;
  }

  /** Starts the migration. Any thread. */
  CompletableFuture<OutgoingReport> start() {
    controlLoop.execute(dispatcher.guarded(this::begin));
    controlLoop.scheduleAtFixedRate(
        dispatcher.guarded(this::tick), TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    return dispatcher.result();
  }

  private void begin() {
    FrameRehearsal.run();
    BitmapRehearsal.run();
    if (migrationIdentity.committed()) {
      migration.resumeCommitted(dispatcher.now());
      dispatcher.publish();
    } else {
      attempts.start(Hellos.FIRST_ATTEMPT, 0);
    }
  }

  private void tick() {
    dispatcher.tick();
    long now = dispatcher.now();
    PeerWait wait = waitReport.due(migration.waiting(now), now);
    if (wait != null) {
      String peer = "the destination " + connector.destination(reconnectSchedule.address());
      log.accept(wait.describe(peer, now));
    }
  }

  /** See {@link MigrationSource#switchOverNow}. Any thread. */
  void switchOverNow() {
    controlLoop.execute(dispatcher.guarded(() -> migration.switchOverNow(dispatcher.now())));
  }

  /** See {@link MigrationSource#cancel}. Any thread. */
  void cancel() {
    controlLoop.execute(dispatcher.guarded(() -> migration.cancel(dispatcher.now())));
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
          outcome.complete(command.apply(commands, dispatcher.now()));
          dispatcher.switchoverAndPublish();
        };
    try {
      controlLoop.execute(dispatcher.guarded(task));
    } catch (RejectedExecutionException e) {
      outcome.complete(ControlOutcome.refused("too late: the node ends"));
    }
    return outcome;
  }

  /** Fails a migration that has not ended, and waits a short time for its end. Any thread. */
  void stop() {
    CompletableFuture<OutgoingReport> result = dispatcher.result();
    if (!result.isDone()) {
      controlLoop.execute(() -> dispatcher.failed("the source was closed"));
      result.completeOnTimeout(dispatcher.report(), STOP_TIMEOUT_SECONDS, TimeUnit.SECONDS).join();
    }
  }

  /** A snapshot of the progress. Any thread. */
  OutgoingProgress progress() {
    return dispatcher.published().progress(dispatcher.now());
  }
}
