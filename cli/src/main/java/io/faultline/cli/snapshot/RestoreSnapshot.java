package io.faultline.cli.snapshot;

import io.faultline.cli.options.Share;
import io.faultline.cli.report.SnapshotResult;
import io.faultline.demo.vm.HostedVm;
import io.faultline.dest.IncomingProgress;
import io.faultline.dest.IncomingState;
import io.faultline.dest.MigrationDestination;
import io.faultline.snapshot.BackgroundSnapshot;
import io.faultline.snapshot.SnapshotReport;
import io.faultline.snapshot.file.SnapshotBase;
import io.faultline.snapshot.file.SnapshotException;
import io.faultline.snapshot.file.SnapshotFile;
import io.faultline.source.MigrationSource;
import io.faultline.source.SourceSettings;
import io.faultline.source.snapshot.SnapshotOfVm;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.SystemCallException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * The snapshot of a VM while it is being restored, as soon as a share of its memory is there. Until
 * it has ended, the background waits: pages that the VM needs arrive, others would only compete
 * with the snapshot. For one restore.
 */
final class RestoreSnapshot {
  /** While pages arrive. */
  private static final long LOOK_NANOS = 200_000;

  /** How long the wanted share takes to arrive, so that it is noticed in time. */
  private static final double ARRIVAL_SECONDS = 0.25;

  private static final long LEAST_BANDWIDTH = 8 << 20;

  private final Kernel kernel;
  private final Path to;
  private final Share at;
  private final SnapshotFile from;
  private final Supplier<Optional<HostedVm>> vm;
  private final CompletableFuture<SnapshotReport> taken = new CompletableFuture<>();
  private volatile double presentPercent;

  /**
   * @param to the file that there will be
   * @param at how much of memory is there when it is taken, at least
   * @param from what is restored; stays open until {@link #await} has returned
   * @param vm the VM, once there is one
   */
  RestoreSnapshot(
      Kernel kernel, Path to, Share at, SnapshotFile from, Supplier<Optional<HostedVm>> vm) {
    this.kernel = kernel;
    this.to = to;
    this.at = at;
    this.from = from;
    this.vm = vm;
  }

  /**
   * Before the VM runs: whether the file can be based on what is restored.
   *
   * @throws SnapshotException if not, with the reason
   */
  void check() throws IOException {
    if (at.percent() < 100) {
      SnapshotBase _ = SnapshotBase.of(from, to);
    }
  }

  /** The limit of the background until the snapshot begins, in bytes per second. */
  long bandwidth() {
    return at.percent() >= 100
        ? SourceSettings.UNLIMITED
        : Math.max(LEAST_BANDWIDTH, (long) (at.of(from.vm().memoryBytes()) / ARRIVAL_SECONDS));
  }

  /** Starts to wait for its moment, in a thread of its own. */
  void start(MigrationSource source, MigrationDestination destination) {
    Thread.ofPlatform()
        .name("snapshot")
        .daemon()
        .start(
            () -> {
              try {
                taken.complete(take(source, destination));
              } catch (RuntimeException | Error e) {
                taken.completeExceptionally(e);
              }
            });
  }

  private SnapshotReport take(MigrationSource source, MigrationDestination destination) {
    IncomingProgress now = awaitShare(destination);
    boolean whole = now.state() == IncomingState.COMPLETED;
    if (!whole) {
      source.pauseBulk().join();
      now = destination.progress();
    }
    try {
      presentPercent = whole ? 100 : 100.0 * present(now) / totalPages();
      SnapshotOfVm subject = new SnapshotOfVm(vm.get().orElseThrow().outgoing(true));
      RestoringVm restoring = new RestoringVm(subject, from, destination::lendMemory);
      return new BackgroundSnapshot(kernel, restoring, to).take();
    } finally {
      source.setBandwidth(SourceSettings.UNLIMITED);
      source.resumeBulk().join();
    }
  }

  private IncomingProgress awaitShare(MigrationDestination destination) {
    long wanted = at.of(totalPages());
    while (true) { // the migration ends: it completes, or fails
      IncomingProgress now = destination.progress();
      if (now.state() == IncomingState.FAILED) {
        throw new SnapshotException("the VM could not be restored");
      }
      boolean runs = now.state() == IncomingState.RUNNING;
      boolean enough = at.percent() < 100 && present(now) >= wanted;
      if (now.state() == IncomingState.COMPLETED || (runs && enough)) {
        return now;
      }
      LockSupport.parkNanos(this, LOOK_NANOS);
    }
  }

  private long totalPages() {
    return from.vm().memoryBytes() / from.pageBytes();
  }

  private static long present(IncomingProgress progress) {
    return progress.urgentPages() + progress.bulkPages();
  }

  /** Waits until it is taken, or has failed. */
  void await() {
    taken.exceptionally(e -> null).join();
  }

  /** Adds what it took, or why there is none, to the result of the restore. */
  void put(ObjectNode result) {
    try {
      SnapshotResult.put(result, "saved", to, taken.join());
      result.withObject("saved").put("present_percent", presentPercent);
    } catch (CompletionException e) {
      if (!result.hasNonNull("error")) {
        result.put("error", reason(e.getCause()));
      }
    }
  }

  private static String reason(@Nullable Throwable failure) {
    return failure instanceof SnapshotException || failure instanceof SystemCallException
        ? String.valueOf(failure.getMessage())
        : "the snapshot failed: " + failure;
  }
}
