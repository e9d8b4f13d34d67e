package io.faultline.dest;

import io.faultline.dest.takeover.MigrationIdentity;
import io.faultline.dest.takeover.SurvivingState;
import io.faultline.proto.NodeEnvironment;
import io.faultline.proto.Service;
import io.faultline.proto.Transport;
import io.faultline.proto.accept.ConnectionListener;
import io.faultline.proto.control.ControlOutcome;
import io.faultline.uffd.Kernel;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Receives one VM. Two threads do the work: the <i>control loop</i> is the fault reader, which
 * polls the userfaultfd itself and owns the urgent connection and the state machine; the <i>bulk
 * loop</i> is the background transfer. Neither keeps state per page for missing faults.
 *
 * <p>A connection that is not from the migration's source is refused, and the destination continues
 * to listen.
 *
 * <p>Thread-safe. Use once.
 */
public final class MigrationDestination implements AutoCloseable {
  private static final String CLOSED = "the destination was closed";

  /** Longer than it may take to stop the vCPUs. */
  private static final long CLOSE_SECONDS = 15;

  private final Consumer<String> log;
  private final DestinationSettings settings;
  private final NodeEnvironment host;
  private final DestinationLoops loops;
  private final IncomingCounters counters = new IncomingCounters();
  private final IncomingController controller;
  private final MigrationAcceptor acceptor;
  private @Nullable NodeTakeOver expected;

  /** On this machine, with the default settings; otherwise as the other constructor. */
  public MigrationDestination(
      Kernel kernel, IncomingVm vm, MeterRegistry registry, Consumer<String> log) {
    this(kernel, vm, registry, log, DestinationSettings.DEFAULT, new Transport());
  }

  /**
   * Nothing happens before {@link #listen}.
   *
   * @param registry gets the meters, named {@code faultline.*}
   * @param log gets a line for each connection that is refused, lost or re-established
   * @param host what it runs on, usually a {@link Transport}; closed with this
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
    this.log = log;
    loops = DestinationLoops.start(host, settings.polling());
    controller = new IncomingController(kernel, vm, settings, loops, host::nanoTime, counters, log);
    acceptor = new MigrationAcceptor(controller, loops, settings.security(), host.random());
    IncomingMeters meters = IncomingMeters.register(registry, counters, controller::progress);
    controller.onDescribed(
        (parameters, peer) -> meters.info(acceptor.migrationId(), parameters, peer));
  }

  /**
   * Before {@link #listen}: only the source of a migration whose destination node was killed is
   * accepted, and not before {@link #takeOver}. The VM is not touched, so that an address that
   * cannot be bound does not end it.
   *
   * @param of what the other node had recorded
   * @param state where it had come to, READY at least; stays the caller's, as long as this is open
   * @throws IOException if the migration cannot go on, with the reason
   */
  public void expect(MigrationIdentity of, SurvivingState state) throws IOException {
    NodeTakeOver next = new NodeTakeOver(of, state);
    acceptor.takeOver(of, next.session());
    expected = next;
  }

  /**
   * After {@link #expect} and {@link #listen}: goes on with that migration, as after a lost
   * connection: the source reconnects by itself. The VM is prepared again, and must return its
   * memory as it is; its {@link IncomingVm#kernelOfGuest kernel} opens the userfaultfd that the
   * other node had opened. From here on {@link #close} ends the VM, unless {@link
   * DestinationSettings#keeper} leaves it to yet another process.
   *
   * @throws IOException if the migration cannot go on, with the reason
   */
  public void takeOver() throws IOException {
    controller.takeOver(Objects.requireNonNull(expected, "expects no migration"));
  }

  /**
   * Listens for a source.
   *
   * @return the address, with the port that was chosen if 0 was asked for
   * @throws IOException if the address cannot be bound, with the reason
   * @throws IllegalArgumentException if this node's security does not allow the address
   */
  public InetSocketAddress listen(InetSocketAddress address) throws IOException {
    settings.security().require(address);
    InetSocketAddress bound =
        ConnectionListener.listen(
            host, loops.accept(), Service.MIGRATION, acceptor, settings.security(), log, address);
    controller.start();
    return bound;
  }

  /** How the migration ended; never completes exceptionally. */
  public CompletableFuture<IncomingReport> result() {
    return controller.result();
  }

  /** The id of the migration, 32 hexadecimal digits; empty before a source connects. Any thread. */
  public String migrationId() {
    return acceptor.migrationId();
  }

  /** The state of the migration; any thread. */
  public IncomingState state() {
    return controller.state();
  }

  /** A snapshot of the progress; any thread. */
  public IncomingProgress progress() {
    return controller.progress();
  }

  /**
   * Cancels the migration if the destination is not READY yet; the VM continues at the source. From
   * READY on it is refused with the reason: only the source knows whether RUN was sent. Any thread.
   */
  public CompletableFuture<ControlOutcome> requestCancel() {
    return controller.cancel();
  }

  /**
   * Lends the userfaultfd of the VM's memory to a snapshot, while not all pages are there. Until it
   * is closed, pages are write-protected as they arrive, and the migration does not complete. Any
   * thread but one of this node; waits until no page is on its way unprotected.
   *
   * @return null if all pages have arrived: nothing watches memory any more
   * @throws io.faultline.snapshot.file.SnapshotException if that is not possible, with the reason:
   *     the VM does not run here, its memory arrives with placement continue, the kernel lacks
   *     write protection, or it is lent already
   */
  public @Nullable LentMemory lendMemory() {
    return controller.lendMemory();
  }

  /** Page faults read so far; any thread. */
  public long faults() {
    return counters.faults.sum();
  }

  /**
   * Ends the threads. A migration that is still running fails first; a VM that runs is left to
   * another process, if the settings have a keeper.
   */
  @Override
  public void close() {
    CompletableFuture<IncomingReport> result = controller.result();
    if (!result.isDone()) {
      controller.failed(CLOSED);
      IncomingReport late = IncomingReport.unknown(CLOSED, state() == IncomingState.RUNNING);
      result.completeOnTimeout(late, CLOSE_SECONDS, TimeUnit.SECONDS).join();
    }
    host.close();
  }
}
