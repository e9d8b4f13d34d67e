package io.faultline.restore.outcome;

import io.faultline.restore.space.DumpLayout;
import io.faultline.uffd.linux.process.ProcessEntry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.TimeUnit;

/**
 * Knows the restored processes, with their descendants, and kills them when the session fails. The
 * {@link StateDirectory} lists them, for the guard.
 *
 * <p>A process that was killed cannot fork any more: the kernel looks for the signal before there
 * is a child ({@code copy_process} in {@code kernel/fork.c}).
 *
 * <p>Confined to the session's event loop.
 */
final class ProcessKiller implements AutoCloseable {
  /** When a forked child is looked for: it exists once its parent has returned from fork. */
  private static final long[] SEARCH_MILLIS = {1, 10, 100};

  private static final long WARN_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final OutcomeContext context;
  private final StateDirectory state;
  private final RestoredProcesses processes = new RestoredProcesses(this::changed);
  private long failedNanos;
  private boolean failing;
  private boolean warned;
  private boolean closed;

  ProcessKiller(OutcomeContext context, StateDirectory state) {
    this.context = context;
    this.state = state;
  }

  private void changed(RestoredProcess process) {
    try {
      state.addProcess(process);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A task that CRIU restores.
   *
   * @throws IOException if it is not found; the message is for the user
   */
  void addTask(int criuPid, int pid, DumpLayout layout) throws IOException {
    state.addTask(pid, processes.addTask(criuPid, pid, layout));
  }

  /** The processes of an earlier daemon, which are listed. */
  void addKnown() throws IOException {
    for (StateDirectory.ProcessLine line : state.processes()) {
      processes.addKnown(line.pid(), line.startTicks());
    }
  }

  /** CRIU has restored all tasks: each runs its own program from now on. */
  void restored() {
    processes.update();
  }

  /** Looks for a child that was just forked. */
  void searchSoon() {
    search();
    for (long millis : SEARCH_MILLIS) {
      var _ = context.loop().schedule(this::search, millis, TimeUnit.MILLISECONDS);
    }
  }

  private void search() {
    if (!closed) {
      processes.addDescendants();
    }
  }

  /**
   * Kills all of them.
   *
   * @return whether all have exited; if not, call it again soon
   */
  boolean end() {
    long now = context.environment().nanoTime();
    if (!failing) {
      failing = true;
      failedNanos = now;
    }
    boolean done = processes.end();
    if (!done && now - failedNanos > WARN_NANOS && !warned) {
      warned = true;
      processes.living().forEach(this::warn);
    }
    return done;
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
  public void close() {
    closed = true;
    processes.close();
  }
}
