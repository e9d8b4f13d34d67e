package io.faultline.cli.control;

import io.faultline.cli.report.ResultFile;
import io.faultline.cli.report.SnapshotResult;
import io.faultline.proto.control.ControlOutcome;
import io.faultline.proto.wire.control.ControlResponse;
import io.faultline.proto.wire.control.TakeSnapshot;
import io.faultline.snapshot.BackgroundSnapshot;
import io.faultline.snapshot.RunningVm;
import io.faultline.snapshot.file.SnapshotException;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.SystemCallException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Snapshots of the VM of a node, on request: one at a time, and none beside a migration, which
 * waits until the file is durable. Thread-safe.
 */
final class NodeSnapshots {
  private static final double NANOS_PER_MILLI = 1e6;

  private final Kernel kernel;
  private final Consumer<String> remarks;
  private @Nullable RunningVm vm;
  private String absent = "no VM runs here yet";
  private @Nullable Path writing;
  private long beganNanos;

  /**
   * @param remarks gets a line if a migration waits for a snapshot
   */
  NodeSnapshots(Kernel kernel, Consumer<String> remarks) {
    this.kernel = kernel;
    this.remarks = remarks;
  }

  /** From now on the VM runs, and does not migrate. */
  synchronized void offer(RunningVm running) {
    vm = running;
  }

  /**
   * From the call of this on, no snapshot begins; from its return on, none is under way. That takes
   * as long as the disk: a snapshot is not given up for what can wait.
   *
   * @param why for the user
   */
  synchronized void withdraw(String why) throws InterruptedException {
    vm = null;
    absent = why;
    if (writing != null) {
      remarks.accept("waiting for the snapshot " + writing);
    }
    while (writing != null) {
      wait();
    }
  }

  /** Takes one. Returns when it is durable, or has failed. */
  ControlResponse take(TakeSnapshot request) {
    Path file = Path.of(request.getFile());
    RunningVm of;
    synchronized (this) {
      String refusal = refusal(file, request.getReplace());
      of = vm;
      if (refusal != null || of == null) {
        return refused(refusal == null ? absent : refusal);
      }
      writing = file;
      beganNanos = System.nanoTime();
    }
    CompletableFuture<ControlResponse> answer = new CompletableFuture<>();
    // Not on the virtual thread of a client: it would keep one of few carriers.
    Thread.ofPlatform().daemon().name("snapshot").start(() -> answer.complete(write(of, file)));
    return answer.join();
  }

  private @Nullable String refusal(Path file, boolean replace) {
    if (!file.isAbsolute()) {
      return "'" + file + "' is not an absolute path";
    }
    if (writing != null) {
      return "the snapshot " + writing + " is being written: wait for its end";
    }
    if (vm == null) {
      return absent;
    }
    return replace ? null : existing(file);
  }

  /** Why a file is not written, since there is one; null if there is none. */
  static @Nullable String existing(Path file) {
    return Files.exists(file)
        ? file + " exists: name another file, or replace it with --replace"
        : null;
  }

  private ControlResponse write(RunningVm of, Path file) {
    try {
      ObjectNode json = ResultFile.newResult();
      SnapshotResult.put(json, file, new BackgroundSnapshot(kernel, of, file).take());
      return Outcomes.status(json);
    } catch (SnapshotException | SystemCallException e) {
      return refused(String.valueOf(e.getMessage()));
    } catch (RuntimeException e) { // the VM does not pause, or has ended
      return refused("the snapshot has failed: " + e);
    } finally {
      ended();
    }
  }

  private synchronized void ended() {
    writing = null;
    notifyAll();
  }

  private static ControlResponse refused(String why) {
    return Outcomes.response(ControlOutcome.refused(why));
  }

  /** Adds the snapshot that is under way to a status. */
  synchronized void describeIn(ObjectNode status) {
    if (writing != null) {
      status
          .putObject("snapshot")
          .put("file", writing.toString())
          .put("elapsed-time", (System.nanoTime() - beganNanos) / NANOS_PER_MILLI);
    }
  }
}
