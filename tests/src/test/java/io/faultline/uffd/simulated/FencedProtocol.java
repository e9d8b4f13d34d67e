package io.faultline.uffd.simulated;

import io.faultline.uffd.RegisterMode;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * The kernel's protocol: a fill publishes the page, fences, checks for waiters; a fault enqueues
 * itself, fences, checks the page. r1: the fill sees the fault; r2: the fault sees the page.
 */
@JCStressTest
@Outcome(id = "false, false", expect = Expect.FORBIDDEN, desc = "a lost wake-up")
@Outcome(expect = Expect.ACCEPTABLE, desc = "at least one sees the other")
@State
public class FencedProtocol {
  private final PageTable table = new PageTable(1);
  private final FaultQueues queues = new FaultQueues(KernelGeneration.CURRENT, Scheduling.FREE);
  private final FaultWaiter waiter = new FaultWaiter(0, false, RegisterMode.MISSING);

  @Actor
  public void fill(ZZ_Result result) {
    table.set(0, Pte.PRESENT);
    result.r1 = queues.seesWaiters();
  }

  @Actor
  public void fault(ZZ_Result result) {
    result.r2 = !queues.enqueue(waiter, () -> Pte.isNoneOrMarker(table.peek(0)));
  }
}
