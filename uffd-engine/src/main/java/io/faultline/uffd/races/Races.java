package io.faultline.uffd.races;

import java.io.IOException;
import java.util.List;

/**
 * Demonstrates the races between placing a page and reading the fault for it, on the simulated
 * kernel: replays two interleavings that once lost a wake-up, each in three scenarios, then
 * explores all interleavings.
 */
public final class Races {
  private static final List<Scenario> REPLAYED =
      List.of(Scenario.OLD_KERNEL, Scenario.OLD_KERNEL_WITH_WAKES, Scenario.NEW_KERNEL);

  private final Appendable out;
  private boolean asExpected = true;

  private Races(Appendable out) {
    this.out = out;
  }

  /**
   * Replays and explores everything, which takes a few seconds.
   *
   * @param out receives the report, as plain text
   * @return whether all results are as expected
   * @throws IOException if {@code out} throws it
   */
  public static boolean run(Appendable out) throws IOException {
    Races races = new Races(out);
    races.replayScripts();
    races.exploreScenarios();
    return races.asExpected;
  }

  private void replayScripts() throws IOException {
    for (Script script : Script.values()) {
      say("Interleaving " + (script.ordinal() + 1) + ": " + script.title() + ".\n");
      for (Scenario scenario : REPLAYED) {
        Run run = script.replay(scenario);
        say("[" + scenario.title() + "]");
        Diagram.draw(run, out);
        boolean hung = run.end() == Run.End.HUNG;
        say(
            hung
                ? "  => HANGS: the page is present, but the vCPU sleeps and no thread will wake it"
                : "  => works: the vCPU continues");
        expect(hung == (scenario == Scenario.OLD_KERNEL));
      }
    }
  }

  private void exploreScenarios() throws IOException {
    say("All interleavings of one vCPU, background thread and fault reader over two pages:\n");
    for (Scenario scenario : Scenario.values()) {
      Exploration.Result result = Exploration.of(scenario, 2);
      say("[" + scenario.title() + "]");
      say(
          String.format(
              "  %,d interleavings (%,d states), %,d of them hang",
              result.interleavings(), result.states(), result.hanging()));
      judge(scenario, result);
    }
  }

  private void judge(Scenario scenario, Exploration.Result result) throws IOException {
    boolean hangs = result.hanging().signum() > 0;
    switch (scenario) {
      case OLD_KERNEL -> {
        boolean both = result.lostWakeUps().keySet().containsAll(List.of(1, 2));
        say("  they " + (both ? "include" : "DO NOT include both") + " interleavings 1 and 2");
        expect(hangs && both);
      }
      case NEW_KERNEL_WITHOUT_FENCE -> {
        Run example = result.lostWakeUps().values().stream().findFirst().orElse(null);
        if (example != null) {
          say("  an example:");
          Diagram.draw(example, out);
        }
        expect(hangs);
      }
      case OLD_KERNEL_WITH_WAKES, NEW_KERNEL -> expect(!hangs);
    }
  }

  private void expect(boolean holds) throws IOException {
    say(holds ? "  as expected\n" : "  NOT AS EXPECTED\n");
    asExpected &= holds;
  }

  private void say(String line) throws IOException {
    out.append(line).append('\n');
  }
}
