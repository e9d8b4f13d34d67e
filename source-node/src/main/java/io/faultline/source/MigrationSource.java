package io.faultline.source;

import io.faultline.proto.NodeEnvironment;
import io.faultline.proto.Polling;
import io.faultline.proto.Transport;
import io.faultline.proto.control.ControlOutcome;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Migrates one VM to a destination. Two threads do the work. The <i>control loop</i> owns the state
 * machine and answers page requests from guest memory. The <i>bulk loop</i> sends all other pages.
 * They share the sent bitmap and the counters, nothing else.
 *
 * <p>Before the commit point any failure leaves the VM running at the source. After it the
 * destination owns the VM, and the VM must not run at the source again, however the migration ends;
 * lost connections are re-established.
 *
 * <p>Thread-safe. For one migration only.
 */
public final class MigrationSource implements AutoCloseable {
  private final NodeEnvironment environment;
  private final RateLimit limit;
  private final OutgoingController controller;

  /**
   * Prepares a migration that ends with this process. Otherwise the same as the other constructor.
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
   * Prepares a migration. Nothing happens before {@link #start}.
   *
   * @param registry receives the meters, which are named {@code faultline.*}
   * @param polling how the control loop waits for events
   * @param reconnectSettings what to do when the connection is lost after the commit point
   * @param migrationIdentity identifies the migration across source processes
   * @param environment network, clock and random numbers, usually a {@link Transport}; closed with
   *     this
   * @throws IllegalArgumentException if the security settings do not allow one of the addresses
   */
  public MigrationSource(
      OutgoingVm vm,
      SourceSettings settings,
      MeterRegistry registry,
      Polling polling,
      ReconnectSettings reconnectSettings,
      MigrationIdentity migrationIdentity,
      NodeEnvironment environment) {
    this.environment = environment;
    reconnectSettings.destinations(settings).forEach(settings.security()::require);
    limit = new RateLimit(settings.bandwidthBytesPerSecond());
    OutgoingCounters counters = new OutgoingCounters();
    controller =
        new OutgoingController(
            vm,
            settings,
            reconnectSettings.withMemory(vm.regions()),
            migrationIdentity,
            environment,
            polling,
            limit,
            counters);
    OutgoingMeters.register(
        registry,
        counters,
        controller::progress,
        settings,
        HexFormat.of().formatHex(migrationIdentity.migrationId().toByteArray()),
        vm.type());
  }

  /**
   * Sets what receives a line when the source has waited for the destination for some seconds, and
   * sparingly again. Called on the control loop; must not block. Any thread.
   */
  public void setLog(Consumer<String> log) {
    controller.setLog(log);
  }

  /**
   * Starts the migration.
   *
   * @return its result; completes exceptionally only if what ends a migration is itself broken
   */
  public CompletableFuture<OutgoingReport> start() {
    return controller.start();
  }

  /**
   * Changes the bandwidth limit of all bulk connections together. Any thread.
   *
   * @param bytesPerSecond at least 1; {@link SourceSettings#UNLIMITED} for no limit
   */
  public void setBandwidth(long bytesPerSecond) {
    limit.set(bytesPerSecond);
  }

  /**
   * Ends precopy and switches over as soon as possible; pages that are still dirty are sent
   * afterwards. Does nothing outside {@link OutgoingState#PRECOPY}. Any thread.
   */
  public void switchOverNow() {
    controller.switchOverNow();
  }

  /**
   * Cancels the migration if it is before the commit point; the VM then runs on at the source, in
   * state {@link OutgoingState#CANCELLED}. Does nothing after the commit point. Any thread.
   */
  public void cancel() {
    controller.cancel();
  }

  /**
   * Changes the bandwidth limit as {@link #setBandwidth} does, unless the migration has ended. Any
   * thread.
   */
  public CompletableFuture<ControlOutcome> requestBandwidth(long bytesPerSecond) {
    RateLimit.check(bytesPerSecond);
    return controller.command((commands, now) -> commands.bandwidth(bytesPerSecond));
  }

  /** Switches over as {@link #switchOverNow} does, or says why that is not possible. Any thread. */
  public CompletableFuture<ControlOutcome> requestSwitchover() {
    return controller.command(OutgoingCommands::switchOver);
  }

  /** Cancels as {@link #cancel} does, or says why that is not possible. Any thread. */
  public CompletableFuture<ControlOutcome> requestCancel() {
    return controller.command(OutgoingCommands::cancel);
  }

  /**
   * Holds precopy rounds and the background scan until {@link #resumeBulk}, also after a lost
   * connection. Requested pages and heartbeats are still sent. Refused before the first round and
   * during the switchover. Any thread.
   */
  public CompletableFuture<ControlOutcome> pauseBulk() {
    return controller.command(OutgoingCommands::pause);
  }

  /** Ends the pause of {@link #pauseBulk}. Any thread. */
  public CompletableFuture<ControlOutcome> resumeBulk() {
    return controller.command(OutgoingCommands::resume);
  }

  /**
   * Adds an address of the same destination, which is tried first when the connection is lost, and
   * at once if it is lost now. Refused if the security settings do not allow it. Any thread.
   */
  public CompletableFuture<ControlOutcome> addDestination(InetSocketAddress address) {
    return controller.command((commands, now) -> commands.addDestination(address, now));
  }

  /** A snapshot of the progress. Any thread. */
  public OutgoingProgress progress() {
    return controller.progress();
  }

  /** Ends the threads. A migration that has not ended fails first. */
  @Override
  public void close() {
    controller.stop();
    environment.close();
  }
}
