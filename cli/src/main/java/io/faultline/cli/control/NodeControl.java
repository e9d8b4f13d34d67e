package io.faultline.cli.control;

import io.faultline.dest.MigrationDestination;
import io.faultline.snapshot.RunningVm;
import io.faultline.source.MigrationSource;
import io.faultline.source.OutgoingReport;
import io.faultline.uffd.Kernel;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The control socket of a node that runs a VM in its own process: for snapshots of it while it does
 * not migrate, and for its migration. Close it before the VM. Thread-safe.
 */
public final class NodeControl implements AutoCloseable {
  private final NodeSnapshots snapshots;
  private final ControlledVm node;
  private final ControlServer server;

  private NodeControl(NodeSnapshots snapshots, ControlledVm node, ControlServer server) {
    this.snapshots = snapshots;
    this.node = node;
    this.server = server;
  }

  /**
   * Opens the socket. A node that cannot have one continues without.
   *
   * @param kernel of the VM
   * @param running the VM, if it runs already and does not migrate; else null
   * @param remarks gets lines for the user
   */
  public static NodeControl open(
      Path directory, Kernel kernel, @Nullable RunningVm running, Consumer<String> remarks) {
    NodeSnapshots snapshots = new NodeSnapshots(kernel, remarks);
    if (running != null) {
      snapshots.offer(running);
    }
    ControlledVm node = new ControlledVm(snapshots);
    return new NodeControl(snapshots, node, ControlServer.ofVm(directory, node, remarks));
  }

  /** Why a snapshot is not written, since its file exists; null if there is none. */
  public static @Nullable String existing(Path file) {
    return NodeSnapshots.existing(file);
  }

  /** The VM runs and does not migrate: snapshots of it may be taken. */
  public void vmRuns(RunningVm vm) {
    snapshots.offer(vm);
  }

  /**
   * Before the VM migrates, or ends: waits for the end of a snapshot, and refuses further ones.
   *
   * @param why for the user who wants one
   */
  public void endSnapshots(String why) throws InterruptedException {
    snapshots.withdraw(why);
  }

  /** Commands are for this migration now. */
  public void follow(
      MigrationSource source, CompletableFuture<OutgoingReport> result, String migrationId) {
    node.follow(new ControlledSource(source, result, migrationId));
  }

  /** Commands are for this migration now. It may be closed before this is. */
  public void follow(MigrationDestination destination) {
    node.follow(new ControlledDestination(destination));
  }

  /** Waits for the end of a snapshot. */
  @Override
  public void close() {
    try {
      snapshots.withdraw("the VM has ended");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      server.close();
    }
  }
}
