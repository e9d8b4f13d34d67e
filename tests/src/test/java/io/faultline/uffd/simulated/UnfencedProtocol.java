package io.faultline.uffd.simulated;

import io.faultline.uffd.RegisterMode;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * The same page table and queue without locks and fences, to show that the check can fail. r1: the
 * fill sees the fault; r2: the fault sees the page.
 */
@JCStressTest
@Outcome(
    id = "false, false",
    expect = Expect.ACCEPTABLE_INTERESTING,
    desc = "a lost wake-up, which the fences would prevent")
@Outcome(expect = Expect.ACCEPTABLE, desc = "at least one sees the other")
@State
public class UnfencedProtocol {
  private final PageTable table = new PageTable(1);
  private final FaultQueue queue = new FaultQueue();
  private final FaultWaiter waiter = new FaultWaiter(0, false, RegisterMode.MISSING);

  @Actor
  public void fill(ZZ_Result result) {
    table.set(0, Pte.PRESENT);
    result.r1 = queue.isActive();
  }

  @Actor
  public void fault(ZZ_Result result) {
    queue.add(waiter);
    result.r2 = Pte.isPresent(table.peek(0));
  }
}
