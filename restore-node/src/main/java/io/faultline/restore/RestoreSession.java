package io.faultline.restore;

import io.faultline.proto.LoopPoll;
import io.faultline.restore.criu.RestoreListener;
import io.faultline.restore.origin.PageOrigin;
import io.faultline.restore.origin.PageReceiver;
import io.faultline.restore.origin.SourceReceiver;
import io.faultline.restore.outcome.HeldSpace;
import io.faultline.restore.outcome.Outcome;
import io.faultline.restore.space.Space;
import io.faultline.restore.space.SpaceCounters;
import io.faultline.restore.transfer.Transfer;
import io.faultline.uffd.SystemCallException;
import io.netty.channel.IoEventLoop;
import java.io.IOException;

/**
 * One restore: brings the front end, the spaces, the transfer and the outcome together. Confined to
 * its event loop.
 */
final class RestoreSession
    implements RestoreListener, PageReceiver, Space.Listener, FillLoop.Owner, FailedRestore.Owner {
  private final LoopPoll loopPoll;
  private final ExpectedTasks tasks;
  private final PageOrigin origin;
  private final Outcome outcome;
  private final RestoreEvents events;
  private final Transfer transfer;
  private final SpaceCounters memory = new SpaceCounters(System::nanoTime);
  private final FillLoop fillLoop;
  private final ArrivingSpaces arriving;
  private final FailedRestore failure;
  private RestoreState state = RestoreState.LISTENING;
  private String error = "";
  private int criuPid;
  private boolean originStarted;
  private long startedNanos;
  private long endedNanos;

  /**
   * @param adopt makes a userfaultfd of a descriptor
   * @param background whether pages are fetched that nobody waits for
   */
  RestoreSession(
      IoEventLoop loop,
      LoopPoll loopPoll,
      DumpedTasks dump,
      ArrivingSpaces.Adoption adopt,
      PageOrigin origin,
      Outcome outcome,
      boolean background,
      RestoreEvents events) {
    this.loopPoll = loopPoll;
    tasks = new ExpectedTasks(dump);
    this.origin = origin;
    this.outcome = outcome;
    this.events = events;
    transfer = new Transfer(origin, System::nanoTime);
    fillLoop = new FillLoop(loop, transfer, background, this);
    arriving = new ArrivingSpaces(adopt, tasks, outcome, this, memory);
    failure = new FailedRestore(loop, outcome, origin, this);
  }

  /** The progress; the result once the state is COMPLETED or FAILED. */
  RestoreReport report() {
    long end = endedNanos != 0 ? endedNanos : System.nanoTime();
    return new RestoreReport(
        state,
        error,
        tasks.livingCount(),
        tasks.zombieCount(),
        transfer.missingPages(),
        startedNanos == 0 ? 0 : (end - startedNanos) / 1e6,
        memory,
        memory.latencies.copy(),
        transfer.counters());
  }

  @Override
  public void connected(int pid) {
    if (state != RestoreState.LISTENING) {
      return; // has failed before
    }
    criuPid = pid;
    startedNanos = System.nanoTime();
    enter(RestoreState.RESTORING);
    try {
      tasks.expectAll();
    } catch (IOException e) {
      fail(String.valueOf(e.getMessage()));
      return;
    }
    startOrigin();
  }

  private void startOrigin() {
    originStarted = true;
    origin.start(this);
  }

  @Override
  public void task(int pid, int descriptor) {
    if (state != RestoreState.RESTORING) {
      fail("CRIU sent process " + pid + " in the state " + state);
      return;
    }
    try {
      Space space = arriving.of(pid, descriptor);
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
      tasks.resume();
      startOrigin();
      for (HeldSpace held : outcome.held()) {
        Space space = arriving.resumed(held);
        fillLoop.add(space);
        ArrivingSpaces.findPresent(held, space);
      }
    } catch (IOException | RuntimeException e) {
      broken(e);
    }
    fillLoop.run();
  }

  @Override
  public void zombie(int pid) {
    if (!tasks.zombie(pid)) {
      fail("CRIU sent the zombie " + pid + ", which the images do not have");
    }
  }

  @Override
  public void restored() {
    if (state != RestoreState.RESTORING) {
      return; // has failed meanwhile: a state after that would tell the source to end
    }
    if (!tasks.missing().isEmpty()) {
      fail("CRIU has finished without the processes " + tasks.missing());
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
      failure.originFinished();
    }
  }

  @Override
  public void broken(Throwable thrown) {
    boolean hasMessage = thrown instanceof SystemCallException;
    String damage = hasMessage ? origin.damage() : "";
    fail(
        !damage.isEmpty()
            ? damage
            : hasMessage ? String.valueOf(thrown.getMessage()) : thrown.toString());
  }

  /** A space has all its pages, and no event waits. */
  @Override
  public void complete(Space space) {
    outcome.completed(space);
    fillLoop.remove(space);
  }

  @Override
  public void allComplete() {
    enter(RestoreState.FINISHING);
    origin.finish();
  }

  @Override
  public boolean isOver() {
    return state.ordinal() >= RestoreState.FAILING.ordinal();
  }

  @Override
  public boolean isRunning() {
    return state == RestoreState.RUNNING;
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
      enter(RestoreState.FAILING);
      origin.withdraw();
      failure.end(originStarted);
    }
  }

  @Override
  public void processesEnded() {
    fillLoop.removeAll();
  }

  @Override
  public void ended() {
    end(RestoreState.FAILED);
  }

  private void end(RestoreState last) {
    endedNanos = System.nanoTime();
    transfer.close();
    try {
      outcome.ended();
    } catch (RuntimeException e) { // such as a state directory that was deleted
      warning("the end of the session is not recorded (" + e.getMessage() + ")");
    }
    enter(last);
  }
}
