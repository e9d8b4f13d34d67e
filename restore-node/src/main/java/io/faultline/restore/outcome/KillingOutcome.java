package io.faultline.restore.outcome;

import io.faultline.restore.space.Space;
import io.faultline.uffd.linux.process.ProcessEntry;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Kills the restored processes when the session fails, all of them and their descendants, and waits
 * until they have exited. A task that cannot exit, such as one that waits for a device, keeps its
 * userfaultfd, and the origin is not told: no process ever reads a zero page, and source and
 * restored process never both run.
 *
 * <p>If this process is killed itself, its {@link Guard} does the same. The guard's holders have
 * the connection to the source too, so that it is reset only when the processes have exited.
 *
 * <p>While the session fails, no events are read, so no known process can fork meanwhile.
 *
 * <p>Confined to the session's event loop.
 */
final class KillingOutcome implements Outcome {
  /** When a forked child is looked for: it exists once its parent has returned from fork. */
  private static final long[] SEARCH_MILLIS = {1, 10, 100};

  /** The holder of the connection to the source. */
  private static final Object CONNECTION = "the connection";

  private static final long WARN_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final OutcomeContext context;
  private final Source source;
  private final Guard guard;
  private final RestoredProcesses processes;
  private long failedNanos;
  private boolean failing;
  private boolean warned;
  private boolean ended;

  /**
   * @throws IOException if the work directory cannot be used
   */
  KillingOutcome(OutcomeContext context, Source source) throws IOException {
    this.context = context;
    this.source = source;
    guard = Guard.start(context.workDirectory());
    processes = new RestoredProcesses(guard::watch);
  }

  @Override
  public void received(int criuPid, int pid, Space space) throws IOException {
    guard.hold(space, space.userfaultfd().fd());
    processes.addTask(criuPid, pid);
  }

  @Override
  public void restored() {
    processes.update();
  }

  @Override
  public void connected(int descriptor) {
    guard.hold(CONNECTION, descriptor);
  }

  @Override
  public void forked(Space parent, Space child) {
    guard.hold(child, child.userfaultfd().fd());
    search();
    for (long millis : SEARCH_MILLIS) {
      var _ = context.loop().schedule(this::search, millis, TimeUnit.MILLISECONDS);
    }
  }

  private void search() {
    if (!ended) {
      processes.addDescendants();
    }
  }

  /** Processes that have all of their pages end too: the source continues for them. */
  @Override
  public void completed(Space space) {
    guard.release(space);
  }

  @Override
  public void succeeded() {
    guard.dismiss();
  }

  @Override
  public boolean failed() {
    long now = context.environment().nanoTime();
    if (!failing) {
      failing = true;
      failedNanos = now;
    }
    boolean found = processes.addDescendants();
    processes.kill();
    List<ProcessEntry> living = processes.living();
    if (living.isEmpty() && !found) {
      return !processes.addOrphans();
    }
    if (now - failedNanos > WARN_NANOS && !warned) {
      warned = true;
      living.forEach(this::warn);
    }
    return false;
  }

  private void warn(ProcessEntry process) {
    context
        .log()
        .accept(
            "process "
                + process.pid()
                + " ("
                + process.name()
                + ") does not exit after SIGKILL: see /proc/"
                + process.pid()
                + "/stack; the source waits until it has");
  }

  @Override
  public Source source() {
    return source;
  }

  @Override
  public void ended() {
    ended = true;
    guard.close();
    processes.close();
  }
}
