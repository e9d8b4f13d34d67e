package io.faultline.cli.snapshot;

import io.faultline.dest.DestinationSettings;
import io.faultline.dest.IncomingReport;
import io.faultline.dest.IncomingVm;
import io.faultline.dest.MigrationDestination;
import io.faultline.proto.Transport;
import io.faultline.proto.security.Security;
import io.faultline.proto.security.SharedKey;
import io.faultline.source.MigrationSource;
import io.faultline.source.OutgoingReport;
import io.faultline.source.SourceSettings;
import io.faultline.source.snapshot.SavedVm;
import io.faultline.uffd.Kernel;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The two nodes of a postcopy migration in this process, of which the source has the VM of a
 * snapshot. The destination waits from the beginning, before there is a snapshot. They know each
 * other by a key of this process, so that no other process can send a VM meanwhile. For one VM.
 */
final class RestoreNode implements AutoCloseable {
  private final Security security = Security.token(SharedKey.random());
  private final NeededPagesLog needed = new NeededPagesLog();
  private final FirstInstructionVm timed;
  private final Consumer<String> messages;
  private final MigrationDestination destination;
  private final InetSocketAddress here;

  /**
   * Listens.
   *
   * @param vm becomes the VM of the snapshot; the caller's
   * @param whenStarted runs when it runs; must be fast
   * @param settings without security
   * @param registry receives the meters of the destination
   * @param remarks gets events of the destination
   * @param messages gets what ends the source
   */
  RestoreNode(
      Kernel kernel,
      IncomingVm vm,
      Runnable whenStarted,
      DestinationSettings settings,
      MeterRegistry registry,
      Consumer<String> remarks,
      Consumer<String> messages)
      throws IOException {
    this.messages = messages;
    timed = new FirstInstructionVm(vm, whenStarted);
    destination =
        new MigrationDestination(
            kernel,
            timed,
            registry,
            remarks,
            settings.withSecurity(security).withNeeded(needed).withoutRehearsal(),
            new Transport());
    try {
      here = destination.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    } catch (IOException | RuntimeException e) {
      destination.close();
      throw e;
    }
  }

  /** As the other, without a snapshot. */
  IncomingReport restore(SavedVm saved, boolean learns) {
    return restore(saved, learns, null);
  }

  /**
   * Restores a VM; returns when all of its memory is there, or cannot come.
   *
   * @param learns whether the pages that it needs are not known yet: then they are worth more than
   *     pages that it might need
   * @param snapshot is taken meanwhile, and has ended then; null for none
   */
  IncomingReport restore(SavedVm saved, boolean learns, @Nullable RestoreSnapshot snapshot) {
    long bandwidth = snapshot == null ? SourceSettings.UNLIMITED : snapshot.bandwidth();
    SourceSettings settings =
        new SourceSettings(here)
            .withSecurity(security)
            .withBlockPrefetch(!learns)
            .withBandwidth(bandwidth);
    if (learns) {
      needed.countSentAlong();
    }
    try (MigrationSource source = new MigrationSource(saved, settings, new SimpleMeterRegistry())) {
      CompletableFuture<OutgoingReport> sent = source.start();
      sent.whenComplete(this::endWithSource);
      if (snapshot != null) {
        snapshot.start(source, destination);
      }
      IncomingReport report = destination.result().join();
      if (snapshot != null) {
        snapshot.await();
      }
      sent.join();
      return report;
    }
  }

  /** The destination waits for a source without a limit, so one that has failed ends it. */
  private void endWithSource(@Nullable OutgoingReport report, @Nullable Throwable failure) {
    if (report == null) {
      messages.accept("the snapshot could not be sent: " + failure);
      destination.close();
    } else if (!report.committed() && report.error() != null) {
      messages.accept(report.error());
      destination.close();
    }
  }

  /** By {@link System#nanoTime}, just before the first instruction; empty if there was none. */
  OptionalLong firstInstructionNanos() {
    return timed.ranNanos();
  }

  /** The pages that the VM needed before they were there. After {@link #restore}. */
  NeededPagesLog needed() {
    return needed;
  }

  @Override
  public void close() {
    destination.close();
  }
}
