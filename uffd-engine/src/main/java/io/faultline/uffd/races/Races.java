package io.faultline.uffd.races;

import java.io.IOException;
import java.util.List;

/**
 * Tells the story of the races between placing a page and reading the fault for it, as they happen
 * on the simulated kernel: two interleavings that once lost a wake-up, each in three settings, and
 * then all interleavings there are.
 */
public final class Races {
  private static final List<Setting> STORY =
      List.of(Setting.OLD_KERNEL_NO_CARE, Setting.OLD_KERNEL_TRISTATE, Setting.NEW_KERNEL_NO_CARE);

  private final Appendable out;
  private boolean asExpected = true;

  private Races(Appendable out) {
    this.out = out;
  }

  /**
   * Plays and explores everything, which takes a few seconds.
   *
   * @param out takes the story, as plain text
   * @return whether all came out as it should
   * @throws IOException where {@code out} does
   */
  public static boolean tell(Appendable out) throws IOException {
    Races races = new Races(out);
    races.tellScripts();
    races.tellExplorations();
    return races.asExpected;
  }

  private void tellScripts() throws IOException {
    for (Script script : Script.values()) {
      say("Interleaving " + (script.ordinal() + 1) + ": " + script.title() + ".\n");
      for (Setting setting : STORY) {
        Run run = script.play(setting);
        say("[" + setting.title() + "]");
        Diagram.draw(run, out);
        boolean hung = run.end() == Run.End.HUNG;
        say(
            hung
                ? "  => HANGS: the page is there, the vCPU sleeps on, nobody will wake it"
                : "  => works: the vCPU goes on");
        expect(hung == (setting == Setting.OLD_KERNEL_NO_CARE));
      }
    }
  }

  private void tellExplorations() throws IOException {
    say("All interleavings of one vCPU, background thread and fault reader over two pages:\n");
    for (Setting setting : Setting.values()) {
      Exploration.Result result = Exploration.of(setting, 2);
      say("[" + setting.title() + "]");
      say(
          String.format(
              "  %,d interleavings (%,d states), %,d of them hang",
              result.interleavings(), result.states(), result.hanging()));
      judge(setting, result);
    }
  }

  private void judge(Setting setting, Exploration.Result result) throws IOException {
    boolean hangs = result.hanging().signum() > 0;
    switch (setting) {
      case OLD_KERNEL_NO_CARE -> {
        boolean both = result.lostWakeUps().keySet().containsAll(List.of(1, 2));
        say("  interleavings 1 and 2 are " + (both ? "both among them" : "NOT both among them"));
        expect(hangs && both);
      }
      case NEW_KERNEL_WITHOUT_FENCE -> {
        Run example = result.lostWakeUps().values().stream().findFirst().orElse(null);
        if (example != null) {
          say("  the first of them:");
          Diagram.draw(example, out);
        }
        expect(hangs);
      }
      case OLD_KERNEL_TRISTATE, NEW_KERNEL_NO_CARE -> expect(!hangs);
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
