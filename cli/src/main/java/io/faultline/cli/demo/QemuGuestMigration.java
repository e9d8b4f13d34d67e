package io.faultline.cli.demo;

import io.faultline.cli.experiment.Ballast;
import io.faultline.cli.process.LocalMigration;
import io.faultline.cli.process.SourceCheckpoint;
import io.faultline.cli.qemu.DemoGuest;
import io.faultline.cli.qemu.QemuPair;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Lets a guest take part in a migration by two nodes: it works before they start, measures while
 * they migrate, and is verified at the end. Runs once; the nodes' lines come from their own
 * threads.
 */
final class QemuGuestMigration {
  private final QemuPair qemus;
  private final DemoGuest guest;
  private final LocalMigration nodes;
  private final Ballast ballast;

  /** Why the guest could not take part. */
  private volatile @Nullable Exception problem;

  /** How the nodes migrate. */
  interface Migration {
    ObjectNode run(LocalMigration nodes) throws IOException, InterruptedException;
  }

  /** A step of the guest. */
  private interface Step {
    void run() throws IOException, InterruptedException;
  }

  /**
   * @param ballast freed when the migration starts
   */
  QemuGuestMigration(QemuPair qemus, DemoGuest guest, LocalMigration nodes, Ballast ballast) {
    this.qemus = qemus;
    this.guest = guest;
    this.nodes = nodes;
    this.ballast = ballast;
  }

  /**
   * Migrates and verifies.
   *
   * @return the result of both nodes, with that of the guest
   * @throws IOException if a node cannot start, or the guest does not work
   */
  ObjectNode run(Migration migration) throws IOException, InterruptedException {
    nodes
        .atCheckpoints(this::reached)
        .onArrival(() -> run(() -> guest.memoryArrived(qemus)))
        .remarkOnceSent("waiting for the destination to end ...");
    ObjectNode result;
    try {
      result = migration.run(nodes);
    } catch (IOException e) {
      throwProblem();
      throw e;
    }
    throwProblem();
    guest.describeIn(result);
    if (result.path("status").asString("").equals("completed")) {
      guest.verify(qemus, result);
    }
    return result;
  }

  private void reached(SourceCheckpoint checkpoint) {
    switch (checkpoint) {
      case REHEARSED -> run(() -> guest.awaitWorking(qemus));
      case READY -> {
        run(() -> guest.migrationStarts(qemus));
        ballast.close();
      }
    }
  }

  /** Without its guest, a source has nothing to migrate. */
  private void run(Step step) {
    try {
      step.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      fail(e);
    } catch (IOException | RuntimeException e) {
      fail(e);
    }
  }

  private void fail(Exception why) {
    problem = why;
    nodes.killSource();
  }

  private void throwProblem() throws IOException {
    Exception current = problem;
    if (current != null) {
      throw new IOException(current.getMessage(), current);
    }
  }
}
