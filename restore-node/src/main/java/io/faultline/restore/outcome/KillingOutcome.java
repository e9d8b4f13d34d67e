package io.faultline.restore.outcome;

import io.faultline.restore.space.Space;
import io.faultline.uffd.linux.process.ProcessEntry;
import java.io.IOException;
import java.io.UncheckedIOException;
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
  private final StateDirectory state;
  private final Guard guard;
  private final Holders holders;
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
    state = StateDirectory.create(context.workDirectory());
    guard = Guard.start(state);
    holders = new Holders(state);
    processes = new RestoredProcesses(this::changed);
  }

  private void changed(RestoredProcess process) {
    try {
      state.addProcess(process);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  StateDirectory state() {
    return state;
  }

  Holders holders() {
    return holders;
  }

  @Override
  public void received(int criuPid, int pid, Space space) throws IOException {
    var _ = holders.hold(space, space.userfaultfd().fd());
    addTask(criuPid, pid);
  }

  void addTask(int criuPid, int pid) throws IOException {
    var _ = processes.addTask(criuPid, pid);
  }

  @Override
  public void restored() {
    processes.update();
  }

  @Override
  public void connected(int descriptor) {
    var _ = holders.hold(CONNECTION, descriptor);
  }

  @Override
  public void forked(Space parent, Space child) {
    var _ = holders.hold(child, child.userfaultfd().fd());
    searchSoon();
  }

  /** Looks for a child that was just forked. */
  void searchSoon() {
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
    holders.release(space);
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
  public Source source() {
    return source;
  }

  @Override
  public void ended() {
    ended = true;
    guard.close();
    processes.close();
    holders.close();
    state.delete();
  }
}
