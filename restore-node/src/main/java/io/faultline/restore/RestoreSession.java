package io.faultline.restore;

import io.faultline.proto.LoopPoll;
import io.faultline.restore.criu.RestoreListener;
import io.faultline.restore.origin.PageOrigin;
import io.faultline.restore.origin.PageReceiver;
import io.faultline.restore.origin.SourceReceiver;
import io.faultline.restore.outcome.HeldSpace;
import io.faultline.restore.outcome.Outcome;
import io.faultline.restore.space.DumpLayout;
import io.faultline.restore.space.Space;
import io.faultline.restore.space.SpaceCounters;
import io.faultline.restore.transfer.Transfer;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.Userfaultfd;
import io.faultline.uffd.linux.MessageMemory;
import io.netty.channel.IoEventLoop;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One restore: brings the front end, the spaces, the transfer and the outcome together. Confined to
 * its event loop.
 */
final class RestoreSession implements RestoreListener, PageReceiver, Space.Listener {
  /** Time until the end of the processes is tried again, at first and at most. */
  private static final long LEAST_RETRY_MICROS = 200;

  private static final long MOST_RETRY_MICROS = 10_000;

  /** How long the origin may take to end the source after a failure. */
  private static final long END_SECONDS = 10;

  private final IoEventLoop loop;
  private final LoopPoll loopPoll;
  private final DumpedTasks dump;
  private final Adoption adopt;
  private final PageOrigin origin;
  private final Outcome outcome;
  private final RestoreEvents events;
  private final Transfer transfer;
  private final SpaceCounters memory = new SpaceCounters(System::nanoTime);
  private final FillLoop fillLoop;
  private final Map<Integer, DumpLayout> layouts = new HashMap<>();
  private final Set<Integer> expected = new HashSet<>();
  private RestoreState state = RestoreState.LISTENING;
  private String error = "";
  private int criuPid;
  private int tasks;
  private int zombies;
  private long startedNanos;
  private long endedNanos;
  private long retryMicros = LEAST_RETRY_MICROS;

  /** Makes a userfaultfd of a descriptor. */
  interface Adoption {
    Userfaultfd adopt(int descriptor, @Nullable MessageMemory memory);
  }

  /**
   * @param adopt makes a userfaultfd of a descriptor
   * @param background whether pages are fetched that nobody waits for
   */
  RestoreSession(
      IoEventLoop loop,
      LoopPoll loopPoll,
      DumpedTasks dump,
      Adoption adopt,
      PageOrigin origin,
      Outcome outcome,
      boolean background,
      RestoreEvents events) {
    this.loop = loop;
    this.loopPoll = loopPoll;
    this.dump = dump;
    this.adopt = adopt;
    this.origin = origin;
    this.outcome = outcome;
    this.events = events;
    transfer = new Transfer(origin, System::nanoTime);
    fillLoop = new FillLoop(loop, transfer, background, new Filling());
  }

  /** The progress; the result once the state is COMPLETED or FAILED. */
  RestoreReport report() {
    long end = endedNanos != 0 ? endedNanos : System.nanoTime();
    return new RestoreReport(
        state,
        error,
        tasks,
        zombies,
        transfer.missingPages(),
        startedNanos == 0 ? 0 : (end - startedNanos) / 1e6,
        memory,
        memory.latencies.copy(),
        transfer.counters());
  }

  @Override
  public void connected(int pid) {
    criuPid = pid;
    startedNanos = System.nanoTime();
    enter(RestoreState.RESTORING);
    try {
      dump.open();
    } catch (IOException e) {
      fail(String.valueOf(e.getMessage()));
      return;
    }
    expected.addAll(dump.processes());
    origin.start(this);
  }

  @Override
  public void task(int pid, int descriptor) {
    if (state != RestoreState.RESTORING) {
      fail("CRIU sent process " + pid + " in the state " + state);
      return;
    }
    try {
      Userfaultfd userfaultfd = adopt.adopt(descriptor, outcome.memory(descriptor));
      Space space = new Space(userfaultfd, layoutOf(pid), this, memory);
      tasks++;
      fillLoop.add(space);
      outcome.received(criuPid, pid, space);
      fillLoop.run();
    } catch (IOException | IllegalArgumentException | SystemCallException e) {
      fail("process " + pid + ": " + e.getMessage());
    }
  }

  /** Continues with the spaces of an earlier daemon, instead of waiting for CRIU. */
  void resume() {
    startedNanos = System.nanoTime();
    enter(RestoreState.RUNNING);
    try {
      dump.open();
      origin.start(this);
      for (HeldSpace held : outcome.held()) {
        resume(held);
      }
    } catch (IOException | RuntimeException e) {
      broken(e);
    }
    fillLoop.run();
  }

  private void resume(HeldSpace held) throws IOException {
    DumpLayout layout = layouts.get(held.pid());
    if (layout == null) {
      layout = dump.layout(held.pid());
      layouts.put(held.pid(), layout);
      tasks++;
    }
    Userfaultfd userfaultfd = adopt.adopt(held.descriptor(), held.memory());
    Space space = Space.resumed(userfaultfd, layout, this, memory, held.events());
    outcome.resumed(held, space);
    fillLoop.add(space);
    space.wakeAll();
  }

  private DumpLayout layoutOf(int pid) throws IOException {
    if (!dump.processes().contains(pid)) {
      throw new IOException(
          "the images do not have it: are these the images that CRIU restores (-D)?");
    }
    if (!expected.remove(pid)) {
      throw new IOException("CRIU sent it twice");
    }
    return dump.layout(pid);
  }

  @Override
  public void zombie(int pid) {
    zombies++;
    if (!expected.remove(pid)) {
      fail("CRIU sent the zombie " + pid + ", which the images do not have");
    }
  }

  @Override
  public void restored() {
    if (!expected.isEmpty()) {
      fail("CRIU has finished without the processes " + expected);
      return;
    }
    enter(RestoreState.RUNNING);
    outcome.restored();
    fillLoop.registered();
    fillLoop.run();
  }

  @Override
  public void closed(String problem) {
    if (state == RestoreState.LISTENING || state == RestoreState.RESTORING) {
      fail("the restore failed: " + (problem.isEmpty() ? "see the log of criu restore" : problem));
    }
  }

  @Override
  public void waits(Space space, long page) {
    transfer.fault(space, page);
    if (!origin.isImmediate()) {
      loopPoll.expect();
    }
  }

  @Override
  public void forked(Space parent, Space child) {
    outcome.forked(parent, child);
    fillLoop.add(child);
  }

  @Override
  public void pages(int pid, long address, int pages, long data) {
    if (isOver()) {
      return;
    }
    transfer.arrived(pid, address, pages, data);
    fillLoop.run();
  }

  @Override
  public void zeros(int pid, long address, int pages) {
    pages(pid, address, pages, Space.ZEROS);
  }

  @Override
  public void unanswered(int pid, long address, int pages) {
    if (isOver()) {
      return;
    }
    transfer.unanswered(pid, address, pages);
    fillLoop.run();
  }

  @Override
  public SourceReceiver source() {
    return outcome;
  }

  @Override
  public void failed(String reason) {
    if (outcome.isOwned() && !isOver()) {
      warning(reason);
      end(RestoreState.COMPLETED);
    } else {
      fail(reason);
    }
  }

  @Override
  public void warning(String message) {
    events.warning(message);
  }

  @Override
  public void finished() {
    if (state == RestoreState.FINISHING) {
      end(RestoreState.COMPLETED);
    } else if (state == RestoreState.FAILING) {
      origin.abort();
      end(RestoreState.FAILED);
    }
  }

  private void broken(Throwable failure) {
    boolean hasMessage = failure instanceof SystemCallException;
    String damage = hasMessage ? origin.damage() : "";
    fail(
        !damage.isEmpty()
            ? damage
            : hasMessage ? String.valueOf(failure.getMessage()) : failure.toString());
  }

  /** A space has all its pages, and no event waits. */
  private void complete(Space space) {
    outcome.completed(space);
    fillLoop.remove(space);
  }

  private void allComplete() {
    enter(RestoreState.FINISHING);
    origin.finish();
  }

  private boolean isOver() {
    return state.ordinal() >= RestoreState.FAILING.ordinal();
  }

  private void enter(RestoreState next) {
    state = next;
    events.entered(next);
  }

  /**
   * Ends the session. Processes that miss pages do not outlive their userfaultfds. Once the
   * restored processes are the only ones nothing fails any more: the source may have been told to
   * end.
   */
  void fail(String reason) {
    if (!isOver() && !outcome.isOwned()) {
      error = reason;
      retryMicros = LEAST_RETRY_MICROS;
      enter(RestoreState.FAILING);
      endProcesses();
    }
  }

  /** Until the outcome says so, the userfaultfds stay open, and the origin waits. */
  private void endProcesses() {
    boolean done = false;
    try {
      done = outcome.failed(origin.isResumable());
    } catch (RuntimeException | Error e) { // such as no descriptors or memory left: later, perhaps
      error = error.isEmpty() ? String.valueOf(e) : error;
    }
    if (done) {
      fillLoop.removeAll();
      endOrigin();
    } else {
      var _ = loop.schedule(this::endProcesses, retryMicros, TimeUnit.MICROSECONDS);
      retryMicros = Math.min(MOST_RETRY_MICROS, 2 * retryMicros);
    }
  }

  private void endOrigin() {
    switch (startedNanos == 0 ? Outcome.Source.RUNS_ON : outcome.source()) {
      case RUNS_ON -> {
        origin.abort();
        end(RestoreState.FAILED);
      }
      case ENDS -> {
        var _ = loop.schedule(this::finished, END_SECONDS, TimeUnit.SECONDS);
        origin.finish();
      }
      case WAITS -> end(RestoreState.FAILED);
    }
  }

  private void end(RestoreState last) {
    endedNanos = System.nanoTime();
    transfer.close();
    outcome.ended();
    enter(last);
  }

  /** What the fill loop must know of the session. */
  private final class Filling implements FillLoop.Owner {
    @Override
    public boolean isOver() {
      return RestoreSession.this.isOver();
    }

    @Override
    public boolean isRunning() {
      return state == RestoreState.RUNNING;
    }

    @Override
    public void complete(Space space) {
      RestoreSession.this.complete(space);
    }

    @Override
    public void allComplete() {
      RestoreSession.this.allComplete();
    }

    @Override
    public void broken(Throwable failure) {
      RestoreSession.this.broken(failure);
    }
  }
}
