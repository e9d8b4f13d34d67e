package io.faultline.tests.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.faultline.paging.table.FrameBudget;
import io.faultline.paging.table.PageState;
import io.faultline.paging.table.Run;
import io.faultline.paging.table.StagingRing;
import io.faultline.paging.table.StateTable;
import java.lang.foreign.Arena;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;
import org.openjdk.jcstress.infra.results.JJ_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** The races of threads that page memory. */
public final class PageStateRaces {
  private static final int PAGES = 8;

  private PageStateRaces() {}

  private static StateTable table(int state) {
    StateTable states = new StateTable(Arena.ofAuto(), PAGES);
    states.settle(0, state);
    return states;
  }

  /** Eight pages share a word, and a change of one must not undo that of another. */
  @JCStressTest
  @Outcome(id = "3, 4", expect = ACCEPTABLE, desc = "both pages have changed")
  @Outcome(expect = FORBIDDEN, desc = "a change is lost")
  @State
  public static class PagesOfAWord {
    private final StateTable states = table(PageState.ABSENT);

    @Actor
    public void fillOne() {
      states.take(0);
      states.settle(0, PageState.CLEAN);
    }

    @Actor
    public void fillOther() {
      states.take(1);
      states.settle(1, PageState.DIRTY);
    }

    @Arbiter
    public void states(II_Result result) {
      result.r1 = states.state(0);
      result.r2 = states.state(1);
    }
  }

  @JCStressTest
  @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "the first thread fills it")
  @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "the second thread fills it")
  @Outcome(expect = FORBIDDEN, desc = "filled twice, or by nobody")
  @State
  public static class FilledOnce {
    private final StateTable states = table(PageState.ABSENT);

    @Actor
    public void one(ZZ_Result result) {
      result.r1 = states.take(0) >= 0;
    }

    @Actor
    public void other(ZZ_Result result) {
      result.r2 = states.take(0) >= 0;
    }
  }

  @JCStressTest
  @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "pinned, so it stays")
  @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "evicted, so it is not pinned")
  @Outcome(expect = FORBIDDEN, desc = "a pinned page is evicted, or neither happens")
  @State
  public static class PinAgainstEviction {
    private final StateTable states = table(PageState.CLEAN);

    @Actor
    public void pin(ZZ_Result result) {
      result.r1 = states.pin(0, false);
    }

    @Actor
    public void evict(ZZ_Result result) {
      result.r2 = states.changeUnpinned(0, PageState.CLEAN, PageState.CHANGING);
    }
  }

  /** r1: the thread that gives a page back will wake waiters; r2: a thread waits. */
  @JCStressTest
  @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "it waits, and is woken")
  @Outcome(id = "false, false", expect = ACCEPTABLE, desc = "it does not wait")
  @Outcome(expect = FORBIDDEN, desc = "it waits for ever")
  @State
  public static class WaiterIsWoken {
    private final StateTable states = table(PageState.FILLING);

    @Actor
    public void giveBack(ZZ_Result result) {
      result.r1 = states.leaveAbsent(0, 0);
    }

    @Actor
    public void fault(ZZ_Result result) {
      result.r2 = states.change(0, PageState.FILLING, PageState.WANTED);
    }
  }

  /** Who pins a page sees what the thread that filled it has written. */
  @JCStressTest
  @Outcome(id = "-1", expect = ACCEPTABLE, desc = "not filled yet")
  @Outcome(id = "42", expect = ACCEPTABLE, desc = "filled")
  @Outcome(expect = FORBIDDEN, desc = "pinned before it was filled")
  @State
  public static class Contents {
    private final StateTable states = table(PageState.FILLING);
    private int contents;

    @Actor
    public void fill() {
      contents = 42;
      states.settle(0, PageState.CLEAN);
    }

    @Actor
    public void load(I_Result result) {
      result.r1 = states.pin(0, false) ? contents : -1;
    }
  }

  /** r1: the frames in use at the end; r2: the most that ever were, of one. */
  @JCStressTest
  @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "one at a time")
  @Outcome(expect = FORBIDDEN, desc = "the buffer holds more than its frames, or loses one")
  @State
  public static class Frames {
    private final FrameBudget budget = new FrameBudget(1);

    @Actor
    public void one() {
      reserveAndRelease();
    }

    @Actor
    public void other() {
      reserveAndRelease();
    }

    private void reserveAndRelease() {
      if (budget.reserve()) {
        budget.release(1);
      }
    }

    @Arbiter
    public void used(JJ_Result result) {
      result.r1 = budget.used();
      result.r2 = budget.mostUsed();
    }
  }

  /** r1: a run was claimed to be written; r2: its slot names its page. */
  @JCStressTest
  @Outcome(id = "false, false", expect = ACCEPTABLE, desc = "not staged yet")
  @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "staged, with its page")
  @Outcome(expect = FORBIDDEN, desc = "a run is written whose slots are not known")
  @State
  public static class StagedRun {
    private static final int PAGE = 5;

    private final StagingRing ring = new StagingRing(4);
    private final StagingRing.Batch batch = ring.newBatch();

    @Actor
    public void stage() {
      ring.name(ring.nextSlot(), 0, PAGE);
      ring.add(Run.of(0, PAGE, 1));
    }

    @Actor
    public void write(ZZ_Result result) {
      result.r1 = ring.claim(batch, 1);
      result.r2 = result.r1 && ring.has(batch.slot(), 0, PAGE);
    }
  }
}
