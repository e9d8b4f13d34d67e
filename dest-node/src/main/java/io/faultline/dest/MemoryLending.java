package io.faultline.dest;

import io.faultline.memory.MemoryRegion;
import io.faultline.snapshot.file.SnapshotException;
import io.netty.util.concurrent.Future;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Lends arriving memory to a snapshot, whose thread calls it. Pages are placed by the control loop
 * and by the bulk loop: after a change the loan waits until both have passed.
 */
final class MemoryLending {
  private final DestinationLoops loops;
  private final IncomingDispatcher dispatcher;
  private final IncomingMemory memory;

  MemoryLending(DestinationLoops loops, IncomingDispatcher dispatcher, IncomingMemory memory) {
    this.loops = loops;
    this.dispatcher = dispatcher;
    this.memory = memory;
  }

  /** Lends memory; see {@link MigrationDestination#lendMemory}. */
  @Nullable LentMemory lend() {
    LentMemory lent;
    try {
      Future<@Nullable LentMemory> lending =
          loops.control().submit((Callable<@Nullable LentMemory>) this::lendNow);
      lending.awaitUninterruptibly(); // the control loop does not wait for anything
      if (lending.cause() instanceof SnapshotException refused) {
        throw refused;
      }
      if (lending.cause() != null) {
        throw new SnapshotException(
            "the VM's memory cannot be saved while it arrives: " + lending.cause().getMessage(),
            lending.cause());
      }
      lent = lending.getNow();
    } catch (RejectedExecutionException e) {
      throw new SnapshotException("the node of the VM has ended", e);
    }
    if (lent != null) {
      passBulk();
    }
    return lent;
  }

  private @Nullable LentMemory lendNow() {
    switch (dispatcher.state()) {
      case LISTENING, RECEIVING, READY ->
          throw new SnapshotException(
              "the VM does not run here yet: take the snapshot when it does");
      case FAILED -> throw new SnapshotException("the VM does not run any more");
      default -> {}
    }
    RegisteredMemory current = memory.registered();
    return current == null
        ? null
        : new LentMemory(current.lend(lent -> takeBack(current, lent)), current.pagemap());
  }

  /** By the thread of the snapshot: what arrives is not protected any more, then nothing is. */
  private void takeBack(RegisteredMemory from, LentUserfaultfd lent) {
    from.endProtecting();
    passControl(() -> {});
    passBulk();
    try {
      if (!from.isClosed()) {
        for (MemoryRegion region : from.regions().all()) {
          lent.unprotect(region.guest().address(), region.sizeBytes());
        }
      }
    } finally {
      passControl(from::takeBack);
      dispatcher.later(() -> dispatcher.apply(IncomingMigration::memoryReturned));
    }
  }

  private void passBulk() {
    pass(() -> loops.bulk().submit(() -> {}).awaitUninterruptibly());
  }

  private void passControl(Runnable task) {
    pass(() -> loops.control().submit(task).awaitUninterruptibly());
  }

  private static void pass(Runnable task) {
    try {
      task.run();
    } catch (RejectedExecutionException e) {
      // the loop has ended, and places nothing
    }
  }
}
